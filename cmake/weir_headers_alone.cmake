# The target headers_alone compiles every header by itself, twice in one file: it needs no include before it, and it
# may be included again. Part of `tools/dev check`, not of a plain build.

set(header_folders include src)
if(NOT WEIR_CAF_FREE)
  list(APPEND header_folders tools bench tests)
endif()
set(headers "")
foreach(folder IN LISTS header_folders)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${folder}/*.hpp)
  list(APPEND headers ${found})
endforeach()
if(WEIR_CAF_FREE)
  # Public headers need generated code only; those of the floors that are left out are left out too.
  list(FILTER headers EXCLUDE REGEX "^src/(actors|supervision|cluster|service)/")
endif()

set(sources "")
foreach(header IN LISTS headers)
  set(source ${PROJECT_BINARY_DIR}/headers_alone/${header}.cpp)
  string(REGEX REPLACE "^(include|src|tools|bench|tests)/" "" name ${header})
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${name}\"\n#include \"${name}\"\n" @ONLY)
  list(APPEND sources ${source})
endforeach()

if(sources)
  add_library(headers_alone OBJECT EXCLUDE_FROM_ALL ${sources})
  target_compile_options(headers_alone PRIVATE -O0 -g0)
  foreach(folder IN LISTS header_folders)
    target_include_directories(headers_alone PRIVATE ${PROJECT_SOURCE_DIR}/${folder})
  endforeach()
  foreach(library IN ITEMS weir_launcher weir_operators weir_test_schemas weir_bench_schemas nexmark_schemas
                       weir_catch_main)
    target_link_libraries(headers_alone PRIVATE $<TARGET_NAME_IF_EXISTS:${library}>)
  endforeach()
else()
  add_custom_target(headers_alone)
endif()
