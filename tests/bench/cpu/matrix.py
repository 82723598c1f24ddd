def make(n, seed):
    rows = []
    for i in range(n):
        row = []
        for j in range(n):
            row.append((i * seed + j) % 10 + 0.5)
        rows.append(row)
    return rows


def multiply(a, b, n):
    rows = []
    for i in range(n):
        source = a[i]
        row = []
        for j in range(n):
            total = 0.0
            for k in range(n):
                total += source[k] * b[k][j]
            row.append(total)
        rows.append(row)
    return rows


def main():
    n = 200
    c = multiply(make(n, 3), make(n, 7), n)
    trace = 0.0
    for i in range(n):
        trace += c[i][i]
    print(int(trace * 4))


main()
