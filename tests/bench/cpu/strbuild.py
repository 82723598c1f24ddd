def main():
    parts = []
    for i in range(1000000):
        parts.append(f"n{i}")
    print(len(",".join(parts)))


main()
