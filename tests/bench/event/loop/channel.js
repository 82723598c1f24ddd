class Channel {
  constructor(size) { this.size = size; this.items = []; this.at = 0; this.senders = []; this.receiver = null; this.closed = false; }
  send(v) {
    if (this.receiver) { const r = this.receiver; this.receiver = null; r(v); return null; }
    this.items.push(v);
    return this.items.length - this.at <= this.size ? null : new Promise(done => this.senders.push(done));
  }
  recv() {
    if (this.at < this.items.length) {
      const v = this.items[this.at++];
      if (this.at === this.items.length) { this.items = []; this.at = 0; }
      if (this.senders.length) this.senders.shift()();
      return v;
    }
    return this.closed ? undefined : new Promise(done => { this.receiver = done; });
  }
  close() { this.closed = true; if (this.receiver) this.receiver(undefined); }
}
const n = +process.argv[2], c = new Channel(1000);
async function produce() { for (let i = 0; i < n; i++) await c.send(i); c.close(); }
async function consume() { let sum = 0; for (let x; (x = await c.recv()) !== undefined;) sum += x; return sum; }
produce();
consume().then(sum => console.log(sum));
