#include "lib/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sys.h"
#include "builtin/reply.h"

#define FILE_MAX ((size_t)1 << 20)  // the largest zone files have a few KiB
#define FOLDER "/usr/share/zoneinfo/"
#define HEADER_SIZE 44

static void mark(struct heap *heap, struct object *o) { heap_mark_object(heap, ((struct zone *)(void *)o)->name); }

void zone_drop(struct zone *z)
{
  if (!z->alloc) return;
  mem_free(z->alloc, z->clocks, z->clock_count * sizeof *z->clocks);
  mem_free(z->alloc, z->times, z->time_count * sizeof *z->times);
  mem_free(z->alloc, z->kinds, z->time_count);
}

static void finish(struct heap *heap, struct object *o)
{
  (void)heap;
  zone_drop((struct zone *)(void *)o);
}

static const struct native_class zone_class = {
  .name = "zone",
  .size = sizeof(struct zone),
  .mark = mark,
  .finish = finish,
};

static struct zone *zone_new(struct call *c, const char *name, size_t len)
{
  struct zone *z = box_new(c->vm, &zone_class);
  struct string *text = z ? string_new(c->heap, name, len) : NULL;
  if (!text) {
    throw_memory(c->vm);
    return NULL;
  }
  z->alloc = &c->vm->alloc;
  z->name = text;
  return z;
}

// Zone files

static i64 read_big_endian(const u8 *at, int len)
{
  u64 n = 0;
  for (int i = 0; i < len; i++) n = n << 8 | at[i];
  if (len == 4) return (i32)(u32)n;
  return (i64)n;
}

enum { COUNT_UTC, COUNT_STANDARD, COUNT_LEAP, COUNT_TIMES, COUNT_CLOCKS, COUNT_CHARS, COUNTS };

// The counts of a block, and its size behind the header; false where it is none, or goes beyond the end.
static bool read_header(const u8 *at, const u8 *end, int width, size_t counts[COUNTS], size_t *size)
{
  if (end - at < HEADER_SIZE || memcmp(at, "TZif", 4) != 0) return false;
  for (int i = 0; i < COUNTS; i++) {
    counts[i] = (u32)read_big_endian(at + 20 + 4 * i, 4);
    if (counts[i] > FILE_MAX) return false;
  }
  *size = counts[COUNT_TIMES] * (size_t)(width + 1) + counts[COUNT_CLOCKS] * 6 + counts[COUNT_CHARS] +
          counts[COUNT_LEAP] * (size_t)(width + 4) + counts[COUNT_STANDARD] + counts[COUNT_UTC];
  return *size <= (size_t)(end - at) - HEADER_SIZE;
}

static void set_abbreviation(struct zone_clock *clock, const char *text, size_t len)
{
  if (len >= ABBREVIATION_MAX) len = ABBREVIATION_MAX - 1;
  memcpy(clock->abbreviation, text, len);
  clock->abbreviation[len] = 0;
}

static bool read_block(struct zone *z, const u8 *at, int width, const size_t counts[COUNTS])
{
  const u8 *times = at, *kinds = times + counts[COUNT_TIMES] * (size_t)width, *clocks = kinds + counts[COUNT_TIMES];
  const char *chars = (const char *)clocks + counts[COUNT_CLOCKS] * 6;
  if (counts[COUNT_CLOCKS] == 0 || counts[COUNT_CLOCKS] > 256) return false;
  z->clocks = mem_alloc_zero(z->alloc, counts[COUNT_CLOCKS] * sizeof *z->clocks);
  if (!z->clocks) return false;
  z->clock_count = (u32)counts[COUNT_CLOCKS];
  for (u32 i = 0; i < z->clock_count; i++) {
    const u8 *clock = clocks + 6 * i;
    z->clocks[i].offset = (i32)read_big_endian(clock, 4);
    z->clocks[i].is_summer = clock[4];
    if (clock[5] >= counts[COUNT_CHARS] || labs(z->clocks[i].offset) > 26 * 3600) return false;
    set_abbreviation(&z->clocks[i], chars + clock[5], strnlen(chars + clock[5], counts[COUNT_CHARS] - clock[5]));
  }
  if (counts[COUNT_TIMES] == 0) return true;
  z->times = mem_alloc(z->alloc, counts[COUNT_TIMES] * sizeof *z->times);
  z->kinds = z->times ? mem_alloc(z->alloc, counts[COUNT_TIMES]) : NULL;
  if (!z->kinds) {
    mem_free(z->alloc, z->times, counts[COUNT_TIMES] * sizeof *z->times);
    z->times = NULL;
    return false;
  }
  z->time_count = (u32)counts[COUNT_TIMES];
  for (u32 i = 0; i < z->time_count; i++) {
    z->times[i] = read_big_endian(times + (size_t)width * i, width);
    z->kinds[i] = kinds[i];
    if (kinds[i] >= z->clock_count || (i && z->times[i] <= z->times[i - 1])) return false;
  }
  return true;
}

// The second block, of 64-bit times, where there is one; behind it stands the rule for all later years.
bool zone_read_file(struct zone *z, const u8 *at, const u8 *end)
{
  size_t counts[COUNTS], size;
  int width = 4;
  if (!read_header(at, end, width, counts, &size)) return false;
  bool is_old = at[4] == 0;
  if (!is_old) {
    at += HEADER_SIZE + size;
    width = 8;
    if (!read_header(at, end, width, counts, &size)) return false;
  }
  if (!read_block(z, at + HEADER_SIZE, width, counts)) return false;
  at += HEADER_SIZE + size;
  if (is_old || at == end || *at != '\n') return true;
  const u8 *stop = memchr(at + 1, '\n', (size_t)(end - at - 1));
  // Without a rule the last clock holds for good.
  if (stop && stop > at + 1) zone_read_rule((const char *)at + 1, (size_t)(stop - at - 1), &z->rule);
  return true;
}

static bool slurp(const char *path, struct buf *out)
{
  int fd = sys_open(path, O_RDONLY, 0);
  ssize_t got = -1;
  if (fd < 0) return false;
  while (out->len < FILE_MAX) {
    char *to = buf_reserve(out, 4096);
    got = to ? sys_read(fd, to, 4096) : -1;
    if (got <= 0) break;
    out->len += (size_t)got;
  }
  sys_close(fd);
  return got == 0;
}

static struct zone *load(struct call *c, const char *name, size_t len, const char *path)
{
  struct zone *z = zone_new(c, name, len);
  if (!z) return NULL;
  struct buf file;
  buf_init(&file, z->alloc);
  const u8 *data = slurp(path, &file) ? (const u8 *)buf_text(&file) : NULL;
  bool is_read = data && zone_read_file(z, data, data + file.len);
  buf_fini(&file);
  return is_read ? z : NULL;
}

// Zones by name

static struct zone *fixed(struct call *c, const char *name, size_t len, i32 offset)
{
  struct zone *z = zone_new(c, name, len);
  struct zone_clock *clock = z ? mem_alloc_zero(z->alloc, sizeof *clock) : NULL;
  if (!clock) {
    if (z) throw_memory(c->vm);
    return NULL;
  }
  clock->offset = offset;
  set_abbreviation(clock, name, len);
  z->clocks = clock;
  z->clock_count = 1;
  return z;
}

static struct zone *of_offset(struct call *c, i32 offset)
{
  char name[16];
  if (offset == 0) return fixed(c, "UTC", 3, 0);
  i32 minutes = abs(offset) / 60;
  int len = snprintf(name, sizeof name, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return fixed(c, name, (size_t)len, offset);
}

static bool is_name(const char *name, size_t len)
{
  if (len == 0 || len > 100 || name[0] == '/' || memmem(name, len, "..", 2)) return false;
  for (size_t i = 0; i < len; i++) {
    char c = name[i];
    bool is_letter = ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9');
    if (!is_letter && !strchr("_+-/", c)) return false;
  }
  return true;
}

static struct zone *of_name(struct call *c, const char *name, size_t len)
{
  char path[160];
  if (!is_name(name, len)) return NULL;
  snprintf(path, sizeof path, FOLDER "%.*s", (int)len, name);
  return load(c, name, len, path);
}

// What TZ says, or else the file behind /etc/localtime, whose link says its name.
static struct zone *local(struct call *c)
{
  const char *tz = getenv("TZ");
  struct zone *z = NULL;
  if (tz && *tz) {
    if (*tz == ':') tz++;
    size_t len = strlen(tz);
    z = of_name(c, tz, len);
    if (!z && is_unset(c->vm->thrown) && (z = fixed(c, tz, len, 0)) && !zone_read_rule(tz, len, &z->rule)) z = NULL;
  } else if (!tz) {
    char target[200];
    ssize_t len = readlink("/etc/localtime", target, sizeof target);
    const char *name = len > 0 ? memmem(target, (size_t)len, "zoneinfo/", 9) : NULL;
    size_t name_len = name ? (size_t)(target + len - (name + 9)) : 5;
    z = load(c, name ? name + 9 : "local", name_len, "/etc/localtime");
  }
  return z || !is_unset(c->vm->thrown) ? z : of_offset(c, 0);
}

// Zones in use lie in a private name of the module.
static struct map *cache(struct lull *vm)
{
  struct string *module_name = vm_intern(vm, "time"), *name = vm_intern(vm, "_zones");
  struct cell *cell = module_name && name ? module_find(vm->builtins, module_name) : NULL;
  if (!cell || !is_kind(cell->value, KIND_MODULE)) return NULL;
  struct module *m = AS_MODULE(cell->value);
  cell = module_find(m, name);
  if (cell && IS_MAP(cell->value)) return AS_MAP(cell->value);
  struct map *map = map_new(&vm->heap, 0);
  return map && module_define(&vm->heap, m, name, value_object(map)) ? map : NULL;
}

static struct zone *make(struct call *c, const char *name, size_t len)
{
  i32 offset;
  if (len == 5 && memcmp(name, "local", 5) == 0) return local(c);
  if ((len == 3 && memcmp(name, "UTC", 3) == 0) || (len == 1 && *name == 'Z')) return of_offset(c, 0);
  if (len && zone_read_offset(name, len, &offset) == len) return of_offset(c, offset);
  struct zone *z = of_name(c, name, len);
  if (z || !is_unset(c->vm->thrown)) return z;
  throw_error(c->vm, c->vm->errors.value, "time: no such zone: `%.*s` (a name such as Europe/Berlin, UTC, local, or an "
                                          "offset such as +02:00)",
              (int)(len > 60 ? 60 : len), name);
  return NULL;
}

struct zone *zone_find(struct call *c, const char *name, size_t len)
{
  struct map *known = cache(c->vm);
  struct string *key = known ? string_new(c->heap, name, len) : NULL;
  Value v = key ? map_get(c->heap, known, value_object(key)) : UNSET;
  if (!is_unset(v)) return (struct zone *)(void *)as_object(v);
  struct zone *z = key ? make(c, name, len) : NULL;
  if (z && map_set(c->heap, known, value_object(key), value_object(z))) return z;
  if (is_unset(c->vm->thrown)) throw_memory(c->vm);
  return NULL;
}

struct zone *zone_utc(struct call *c) { return zone_find(c, "UTC", 3); }
struct zone *zone_local(struct call *c) { return zone_find(c, "local", 5); }
