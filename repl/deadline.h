// The end of a program that has been given so many seconds and computes on: a native does not look at the clock.
#ifndef LULL_DEADLINE_H
#define LULL_DEADLINE_H

struct lull;

// After [seconds] the program is asked to stop (lull_stop); [grace] seconds later the process says so and exits with 1,
// wherever it is. One deadline a process.
void deadline_set(struct lull *lull, double seconds, double grace);
// The program has ended; the process has the rest of the grace.
void deadline_forget(void);

#endif
