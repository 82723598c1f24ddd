def main():
    n = 2000000
    prime = [True] * n
    i = 2
    while i * i < n:
        if prime[i]:
            k = i * i
            while k < n:
                prime[k] = False
                k += i
        i += 1
    count = 0
    for k in range(2, n):
        if prime[k]:
            count += 1
    print(count)


main()
