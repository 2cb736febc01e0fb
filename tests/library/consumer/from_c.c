/* The library from C, as docs/library.md has it, which ends with releasing the answer. */
#include <blis/blis.h>
#include <stdio.h>

#define blis_free(answer) (fputs(answer, stdout), blis_free(answer))

int main(void) {
#include CALL
  return status;
}
