class Shape {
  constructor(size) { this.size = size; }
  area() { return 0; }
  twice() { return this.area() * 2; }
}
class Square extends Shape { area() { return this.size * this.size; } }
class Strip extends Shape { area() { return this.size * 3; } }
class Frame extends Square { area() { return super.area() - 1; } }

function main() {
  const shapes = [];
  for (let i = 0; i < 300; i++) {
    shapes.push(i % 3 === 0 ? new Square(i) : i % 3 === 1 ? new Strip(i) : new Frame(i));
  }
  let sum = 0;
  for (let turn = 0; turn < 5000; turn++) {
    for (const shape of shapes) sum += shape.twice();
  }
  console.log(sum);
}

main();
