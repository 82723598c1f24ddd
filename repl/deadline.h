// The end of a process whose program has been given so many seconds and does not stop: a native that computes does not
// look at the clock.
#ifndef LULL_DEADLINE_H
#define LULL_DEADLINE_H

// [grace] seconds after the program's own [seconds] are over the process says so and exits with 1, wherever it is. One
// deadline a process.
void deadline_set(double seconds, double grace);

#endif
