// display, and the handles it gives. Each value is shown by its method to_markdown, or as print shows it.
#include "builtin/display.h"

#include "builtin/builtin.h"
#include "builtin/texts.h"
#include "builtin/walk.h"
#include "value/hash.h"
#include "vm/host.h"

enum { DISPLAY_PRINTER, DISPLAY_NEXT, DISPLAY_HANDLE, DISPLAY_LOCALS };

u64 display_number(struct lull *vm) { return ++vm->displays; }

void display_show(struct lull *vm, const struct lull_shown *shown)
{
  if (vm->host.show) {
    host_show(vm, shown);
  } else if (shown->form != LULL_BAR) {
    vm_write(vm, 1, shown->text, shown->len);
    vm_write(vm, 1, "\n", 1);
  }
}

void display_text(struct call *c, Value v, enum lull_form form, const char *text, size_t len)
{
  struct lull_ref ref = { .vm = c->vm, .value = v, .holds = 1 };
  display_show(c->vm, &(struct lull_shown){ .value = &ref, .form = form, .text = text, .len = len });
}

static void print_display(struct heap *heap, struct object *o, struct buf *out)
{
  buf_printf(out, "<display #%llu>", (unsigned long long)((struct display *)o)->number);
}

static struct display *handle(struct call *c)
{
  return (struct display *)(void *)as_object(c->locals[DISPLAY_HANDLE]);
}

struct display *display_new(struct lull *vm)
{
  struct display *d = heap_new(&vm->heap, KIND_DISPLAY, sizeof *d);
  d->number = display_number(vm);
  return d;
}

void display_under(struct call *c, struct display *d, Value v, enum lull_form form, const char *text, size_t len,
                   bool is_update)
{
  struct lull_ref ref = { .vm = c->vm, .value = v, .holds = 1 };
  u64 hash = hash_bytes(c->heap->seed, text, len);
  bool is_same = is_update && hash == d->hash;
  d->hash = hash;
  if (is_same) return;
  display_show(c->vm, &(struct lull_shown){ .value = &ref, .form = form, .text = text, .len = len,
                                            .display = d->number, .is_update = is_update });
}

static void show(struct call *c, Value v, enum lull_form form, const char *text, size_t len, bool is_update)
{
  display_under(c, handle(c), v, form, text, len, is_update);
}

static enum native_status show_markdown(struct call *c, Value v, bool is_update)
{
  if (!IS_STRING(c->value)) {
    return throw_error(c->vm, c->vm->errors.type, "`to_markdown` must return a string, not %s",
                       type_name(c->vm, c->value));
  }
  const char *text = string_bytes(c->heap, AS_STRING(c->value));
  show(c, v, LULL_MARKDOWN, text, AS_STRING(c->value)->len, is_update);
  return NATIVE_OK;
}

static enum part put_text(struct call *c, Value v, bool is_update)
{
  bool is_begun = !is_nil(c->locals[DISPLAY_PRINTER]);
  if (!is_begun) texts_begin(c, DISPLAY_PRINTER, false);
  enum part p = is_begun ? texts_resume(c, DISPLAY_PRINTER) : texts_put(c, DISPLAY_PRINTER, v);
  if (p != PART_DONE) return p;
  struct buf *out = &texts_printer(c, DISPLAY_PRINTER)->out;
  show(c, v, LULL_TEXT, buf_text(out), out->len, is_update);
  buf_fini(out);
  c->locals[DISPLAY_PRINTER] = NIL;
  return PART_DONE;
}

// Shows the arguments from DISPLAY_NEXT on.
static enum native_status show_values(struct call *c, u32 end, bool is_update)
{
  bool is_answered = c->step > 0;
  for (i64 i = as_int(c->locals[DISPLAY_NEXT]); i < end; i++) {
    Value v = c->args[i], method = UNSET;
    c->locals[DISPLAY_NEXT] = value_int(i);
    if (IS_INSTANCE(v)) method = class_find_method(AS_INSTANCE(v)->class, c->vm->known.to_markdown);
    bool is_markdown = !is_unset(method);
    if (is_markdown && !is_answered) return native_call_method(c, v, method, NULL, 0);
    if (is_markdown) {
      if (show_markdown(c, v, is_update) != NATIVE_OK) return NATIVE_THROW;
    } else {
      enum part p = put_text(c, v, is_update);
      if (p != PART_DONE) return part_leave(p);
    }
    is_answered = false;
  }
  return NATIVE_OK;
}

static enum native_status global_display(struct call *c)
{
  if (c->step == 0) {
    c->locals[DISPLAY_NEXT] = value_int(0);
    c->locals[DISPLAY_HANDLE] = value_object(display_new(c->vm));
  }
  enum native_status status = show_values(c, c->count, false);
  return status == NATIVE_OK ? native_return(c, c->locals[DISPLAY_HANDLE]) : status;
}

static enum native_status display_update(struct call *c)
{
  struct display *d = (struct display *)(void *)as_object(c->args[0]);
  if (d->chart) return chart_update(c, d, DISPLAY_LOCALS);
  if (c->step == 0) {
    c->locals[DISPLAY_NEXT] = value_int(1);
    c->locals[DISPLAY_HANDLE] = c->args[0];
  }
  enum native_status status = show_values(c, 2, true);
  return status == NATIVE_OK ? native_return(c, NIL) : status;
}

static const struct native natives[] = {
  { .name = "display",
    .fn = global_display,
    .max = NATIVE_REST,
    .locals = DISPLAY_LOCALS,
    .usage = "display(...values)",
    .doc = "Shows each value in its richest form: what its method to_markdown gives, rendered; else its text.\n"
           "Gives a handle: its update(value) shows another value in the place of the last one.\n"
           "    display(report)" },
};

static const struct native methods[] = {
  { .name = "update",
    .fn = display_update,
    .required = 1,
    .max = 1,
    .locals = DISPLAY_LOCALS + GATHER_LOCALS,
    .usage = "update(value)",
    .doc = "Shows a value in the place of what was shown last; where that is a plot or a histogram, one of other numbers.\n"
           "In a session it stands above the prompt for as long as anything of the input is alive, and stays when that\n"
           "ends; elsewhere it is shown anew, if its text is another one.\n"
           "    let d = display(0)  for i in 0..10 { d.update(i) }" },
};

bool builtin_open_display(struct lull *vm)
{
  heap_register(&vm->heap, KIND_DISPLAY, (struct heap_kind){ .name = "display", .print = print_display });
  return vm_define_natives(vm, natives, COUNT_OF(natives)) &&
         class_add_natives(vm, vm->types.display_, methods, COUNT_OF(methods));
}
