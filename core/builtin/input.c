// input(prompt): a line from whoever runs the program.
#include "builtin/builtin.h"
#include "vm/deferred.h"
#include "vm/host.h"

static enum native_status global_input(struct call *c)
{
  struct lull *vm = c->vm;
  if (c->step > 0) return native_return(c, c->value);
  struct string *prompt = NULL;
  if (arg_given(c, 0) && !arg_string(c, 0, &prompt)) return NATIVE_THROW;
  if (!host_can_ask(vm)) return throw_error(vm, vm->errors.io, "input: there is nobody to ask");
  struct deferred *answer = deferred_new(vm);
  struct lull_ref question = { .vm = vm, .value = value_object(answer), .holds = 1 };
  const char *text = prompt ? string_bytes(&vm->heap, prompt) : "";
  host_ask(vm, text, prompt ? prompt->len : 0, &question);
  c->again = true;
  return sched_wait(vm, vm->fiber, answer) ? NATIVE_SUSPEND : throw_memory(vm);
}

static const struct native natives[] = {
  { .name = "input",
    .fn = global_input,
    .max = 1,
    .usage = "input(prompt = \"\")",
    .doc = "Waits for a line of input and gives it, without its line end; nil at the end of the input.\n"
           "Everything else goes on meanwhile. Throws an IOError where nobody can be asked, as in the background.\n"
           "    let name = input(\"Your name: \")" },
};

bool builtin_open_input(struct lull *vm) { return vm_define_natives(vm, natives, COUNT_OF(natives)); }
