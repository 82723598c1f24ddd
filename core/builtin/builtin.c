#include "builtin/builtin.h"

bool builtin_open(struct lull *vm)
{
  static bool (*const parts[])(struct lull *vm) = {
    builtin_open_types, builtin_open_string, builtin_open_bytes,  builtin_open_number, builtin_open_list,
    builtin_open_map,   builtin_open_range,  builtin_open_global, builtin_open_task,   builtin_open_channel,
    builtin_open_help,  builtin_open_input, builtin_open_chart,  builtin_open_display,
    builtin_open_progress,
  };
  for (size_t i = 0; i < COUNT_OF(parts); i++) {
    if (!parts[i](vm)) return false;
  }
  return true;
}
