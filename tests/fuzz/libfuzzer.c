// The entry that libFuzzer and AFL++ call.
#include "fuzz.h"

#define CALL_(name) fuzz_##name
#define CALL(name) CALL_(name)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
  CALL(FUZZ_TARGET)((const char *)bytes, len);
  return 0;
}
