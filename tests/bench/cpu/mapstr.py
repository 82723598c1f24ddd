def main():
    n = 500000
    places = {}
    x = 42
    for i in range(1, n + 1):
        x = x * 16807 % 2147483647
        places[f"key{x}"] = i
    total = 0
    x = 42
    for _ in range(n):
        x = x * 16807 % 2147483647
        total += places[f"key{x}"]
    print(total)


main()
