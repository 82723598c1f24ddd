def counter():
    n = 0

    def step():
        nonlocal n
        n += 1
        return n

    return step


def main():
    step = counter()
    total = 0
    for _ in range(10000000):
        total += step()
    print(total)


main()
