class Counter:
    def __init__(self):
        self.value = 0

    def add(self, n):
        self.value += n

    def get(self):
        return self.value


def main():
    counter = Counter()
    for _ in range(10000000):
        counter.add(2)
    print(counter.get())


main()
