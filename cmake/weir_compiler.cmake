# How Weir's own code is compiled and linked. Everything here stays in Weir's directories: a project that adds Weir as
# a subdirectory keeps its own flags.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)

if(NOT CMAKE_BUILD_TYPE AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

option(WEIR_WARNINGS_AS_ERRORS "A warning in Weir's own code fails the build" OFF)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wno-missing-field-initializers)  # `storm{.first = t}` leaves the rest to its defaults on purpose
if(WEIR_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()

# Names of files in assertions, logs and debug information start at the project's root, wherever that lies. The second
# spelling is the one that ccache makes of it.
file(RELATIVE_PATH root_from_build ${CMAKE_BINARY_DIR} ${PROJECT_SOURCE_DIR})
string(REGEX REPLACE "/$" "" root_from_build "${root_from_build}")
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -ffile-prefix-map=${root_from_build}/=)

set(WEIR_SANITIZE "" CACHE STRING "Value for -fsanitize=, for example address,undefined")
if(WEIR_SANITIZE)
  add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${WEIR_SANITIZE})
  if(WEIR_SANITIZE MATCHES "undefined")
    # CAF's headers form references through null pointers that are never read.
    add_compile_options(-fno-sanitize=null)
  endif()
endif()

option(WEIR_HARDENED_LIBRARY "Bounds checks in the standard library" OFF)
if(WEIR_HARDENED_LIBRARY)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

# The fastest linker that is there.
add_link_options(-Wl,--as-needed)
foreach(linker IN ITEMS mold lld)
  find_program(WEIR_LINKER_${linker} NAMES ${linker} ld.${linker})
  mark_as_advanced(WEIR_LINKER_${linker})
  if(WEIR_LINKER_${linker})
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()

# ccache, with paths made relative so that two clones share what they compiled.
option(WEIR_CCACHE "Compile through ccache where it is installed" ON)
find_program(WEIR_CCACHE_PROGRAM ccache)
mark_as_advanced(WEIR_CCACHE_PROGRAM)
if(WEIR_CCACHE AND WEIR_CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
                                  CCACHE_NOHASHDIR=true ${WEIR_CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
