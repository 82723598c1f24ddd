def main():
    parts = []
    x = 42
    for _ in range(300000):
        x = x * 16807 % 2147483647
        parts.append(f"word{x % 5000}")
    counts = {}
    for word in " ".join(parts).split(" "):
        counts[word] = counts.get(word, 0) + 1
    most = 0
    for n in counts.values():
        if n > most:
            most = n
    print(len(counts), most)


main()
