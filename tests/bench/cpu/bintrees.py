def make(depth):
    if depth == 0:
        return []
    return [make(depth - 1), make(depth - 1)]


def count(tree):
    if not tree:
        return 1
    return 1 + count(tree[0]) + count(tree[1])


def main():
    depth = 15
    total = count(make(depth + 1))
    kept = make(depth)
    for d in range(4, depth + 1, 4):
        nodes = 0
        for _ in range(2 ** (depth - d + 4)):
            nodes += count(make(d))
        total += nodes
    print(total + count(kept))


main()
