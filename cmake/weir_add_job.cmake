# weir_add_job(<name> [SOURCES <file>...] [SCHEMAS <file>...] [FOLDER <folder>])
#
# The executable of one job: its behaviors, its records, and Weir linked in. In a project of your own:
#
#   add_subdirectory(weir)
#   weir_add_job(delay_storms SOURCES delay_storms.cpp SCHEMAS flights.capnp)
#
# SOURCES and SCHEMAS are relative to FOLDER (default: the current source folder); where one is left out, all *.cpp or
# *.capnp files of FOLDER are taken. A schema flights.capnp is included as "flights.capnp.h" and may
# `import "/weir/annotations.capnp"` or another schema of FOLDER. The schemas become the library <name>_schemas, so
# that tests of the behaviors can link the same record types.
function(weir_add_job name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER" "SOURCES;SCHEMAS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "weir_add_job(${name}): unknown argument '${arg_UNPARSED_ARGUMENTS}'; it takes SOURCES, "
                        "SCHEMAS and FOLDER")
  endif()
  if(NOT arg_FOLDER)
    set(arg_FOLDER "${CMAKE_CURRENT_SOURCE_DIR}")
  endif()
  get_filename_component(folder "${arg_FOLDER}" ABSOLUTE)

  foreach(kind IN ITEMS SOURCES SCHEMAS)
    set(files "")
    foreach(file IN LISTS arg_${kind})
      get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${folder}")
      list(APPEND files "${file}")
    endforeach()
    set(arg_${kind} ${files})
  endforeach()
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS ${folder}/*.cpp)
  endif()
  if(NOT arg_SCHEMAS)
    file(GLOB arg_SCHEMAS CONFIGURE_DEPENDS ${folder}/*.capnp)
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "weir_add_job(${name}): no sources in ${folder}; name them with SOURCES")
  endif()

  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE weir::weir)
  if(arg_SCHEMAS)
    weir_add_schemas(${name}_schemas PREFIXES ${folder} SCHEMAS ${arg_SCHEMAS} IMPORTS ${WEIR_SCHEMA_IMPORTS}
                     LINK weir_schemas)
    target_link_libraries(${name} PRIVATE ${name}_schemas)
  endif()
endfunction()

# Where the schemas that every job may import lie; kept in the cache for projects that add Weir as a subdirectory.
set(WEIR_SCHEMA_IMPORTS "${PROJECT_SOURCE_DIR}/include" CACHE INTERNAL "")
