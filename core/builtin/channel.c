// Channels.
#include "vm/channel.h"

#include "builtin/builtin.h"

static enum native_status global_channel(struct call *c)
{
  i64 capacity = 0;
  if (arg_given(c, 1) && !arg_int(c, 1, &capacity)) return NATIVE_THROW;
  if (capacity < 0 || capacity > 1 << 24)
    return throw_error(c->vm, c->vm->errors.value, "channel: the capacity must be between 0 and %d", 1 << 24);
  return native_return(c, value_object(channel_new(c->vm, (u32)capacity)));
}

static struct channel *self(struct call *c) { return (struct channel *)as_object(c->args[0]); }

static enum native_status channel_send_method(struct call *c)
{
  struct deferred *d = channel_send(c->vm, self(c), c->args[1]);
  return d ? native_return(c, value_object(d)) : NATIVE_THROW;
}

static enum native_status channel_recv_method(struct call *c)
{
  struct deferred *d = channel_recv(c->vm, self(c));
  return d ? native_return(c, value_object(d)) : throw_memory(c->vm);
}

static enum native_status channel_close_method(struct call *c)
{
  channel_close(c->vm, self(c));
  return native_return(c, NIL);
}

static enum native_status channel_len(struct call *c) { return native_return(c, value_int(self(c)->values.len)); }

static const struct native construct = {
  "channel",
  global_channel,
  0,
  1,
  0,
  "channel(capacity = 0)",
  "A queue of values between tasks; without a capacity each send waits for its recv.\n"
  "`let c = channel(10)  await c.send(1)  await c.recv()  for x in c { ... }`"
};

static const struct native methods[] = {
  { "send", channel_send_method, 1, 1, 0, "send(value)",
    "A deferred that resolves once the value has a place or a receiver.\nThrows a ValueError if the channel is closed." },
  { "recv", channel_recv_method, 0, 0, 0, "recv()",
    "A deferred of the next value; of `done` once the channel is closed and drained." },
  { "close", channel_close_method, 0, 0, 0, "close()",
    "Ends the channel: what was sent can still be received, then loops over it end." },
  { "len", channel_len, 0, 0, 0, "len()", "How many values wait in it." },
};

bool builtin_open_channel(struct lull *vm)
{
  struct class *class = vm->types.channel_;
  return class_set_construct(vm, class, &construct) && vm_define(vm, "channel", value_object(class)) &&
         class_add_natives(vm, class, methods, COUNT_OF(methods));
}
