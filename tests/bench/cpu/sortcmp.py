from functools import cmp_to_key


def main():
    n = 500000
    numbers = []
    x = 42
    for _ in range(n):
        x = x * 16807 % 2147483647
        numbers.append(x)
    numbers.sort(key=cmp_to_key(lambda a, b: b - a))
    print(numbers[0], numbers[n // 2], numbers[n - 1])


main()
