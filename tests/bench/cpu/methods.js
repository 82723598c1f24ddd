class Counter {
  constructor() { this.value = 0; }
  add(n) { this.value += n; }
  get() { return this.value; }
}

function main() {
  const counter = new Counter();
  for (let i = 0; i < 10000000; i++) counter.add(2);
  console.log(String(counter.get()));
}

main();
