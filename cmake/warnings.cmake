# Warnings are errors, in every compiler and configuration; sanitizers on request.
add_library(mailweir_warnings INTERFACE)
target_compile_options(mailweir_warnings INTERFACE
    -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
    -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Wnull-dereference -Wno-unused-parameter
    -fstack-protector-strong -fno-common)
target_compile_definitions(mailweir_warnings INTERFACE _GNU_SOURCE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)
if(MAILWEIR_SANITIZE)
    target_compile_options(mailweir_warnings INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(mailweir_warnings INTERFACE -fsanitize=address,undefined)
    target_compile_definitions(mailweir_warnings INTERFACE MAILWEIR_SANITIZED)
endif()
if(MAILWEIR_FUZZ)
    target_compile_options(mailweir_warnings INTERFACE -fsanitize=fuzzer-no-link)
endif()
