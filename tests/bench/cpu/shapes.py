class Shape:
    def __init__(self, size):
        self.size = size

    def area(self):
        return 0

    def twice(self):
        return self.area() * 2


class Square(Shape):
    def area(self):
        return self.size * self.size


class Strip(Shape):
    def area(self):
        return self.size * 3


class Frame(Square):
    def area(self):
        return super().area() - 1


def main():
    shapes = []
    for i in range(300):
        shapes.append(Square(i) if i % 3 == 0 else Strip(i) if i % 3 == 1 else Frame(i))
    total = 0
    for _ in range(5000):
        for shape in shapes:
            total += shape.twice()
    print(total)


main()
