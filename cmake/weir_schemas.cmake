# weir_generate_schemas(<variable> PREFIX <folder> OUTPUT <folder> SCHEMAS <file>... [IMPORTS <folder>...])
#
# Runs the Cap'n Proto compiler over SCHEMAS and sets <variable> to the files that it writes. A schema at
# PREFIX/a/b.capnp becomes OUTPUT/a/b.capnp.h, so it is included as "a/b.capnp.h". An absolute import
# (`import "/weir/annotations.capnp"`) is looked up in PREFIX, in IMPORTS, and in Cap'n Proto's own folder.
function(weir_generate_schemas files_variable)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PREFIX;OUTPUT" "SCHEMAS;IMPORTS")
  get_filename_component(prefix "${arg_PREFIX}" ABSOLUTE)
  set(imports -I${prefix})
  set(imported_schemas "")
  foreach(folder IN LISTS arg_IMPORTS)
    list(APPEND imports -I${folder})
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${folder}/*.capnp)
    list(APPEND imported_schemas ${found})
  endforeach()

  set(files "")
  foreach(schema IN LISTS arg_SCHEMAS)
    get_filename_component(schema "${schema}" ABSOLUTE)
    file(RELATIVE_PATH name "${prefix}" "${schema}")
    set(base "${arg_OUTPUT}/${name}")
    add_custom_command(
      OUTPUT "${base}.c++" "${base}.h"
      COMMAND ${CMAKE_COMMAND} -E make_directory "${arg_OUTPUT}"
      # not the target CapnProto::capnp_tool: Debian's points to /usr/lib/bin
      COMMAND ${CAPNP_EXECUTABLE} compile -o${CAPNPC_CXX_EXECUTABLE}:${arg_OUTPUT} --src-prefix=${prefix} ${imports}
              "${schema}"
      # The compiler tells no dependencies; a schema may import any of its own set and of IMPORTS.
      DEPENDS ${arg_SCHEMAS} ${imported_schemas}
      COMMENT "Compiling schema ${name}"
      VERBATIM)
    set_source_files_properties("${base}.c++" PROPERTIES COMPILE_OPTIONS -w SKIP_LINTING ON)
    list(APPEND files "${base}.c++" "${base}.h")
  endforeach()
  set(${files_variable} ${files} PARENT_SCOPE)
endfunction()

# weir_add_schemas(<library> PREFIXES <folder>... SCHEMAS <file>... [IMPORTS <folder>...] [LINK <target>...])
#
# A static library of generated code. A schema's name in #include is relative to the longest of PREFIXES that holds it.
# The headers are system headers: the generator's code is not ours to warn about.
function(weir_add_schemas library)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PREFIXES;SCHEMAS;IMPORTS;LINK")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/generated/${library}")
  set(generated "")
  set(left ${arg_SCHEMAS})
  list(SORT arg_PREFIXES ORDER DESCENDING)  # a folder comes before the folder that holds it
  foreach(prefix IN LISTS arg_PREFIXES)
    set(schemas "")
    foreach(schema IN LISTS left)
      cmake_path(IS_PREFIX prefix "${schema}" NORMALIZE inside)
      if(inside)
        list(APPEND schemas "${schema}")
      endif()
    endforeach()
    list(REMOVE_ITEM left ${schemas})
    weir_generate_schemas(files PREFIX "${prefix}" OUTPUT "${output}" SCHEMAS ${schemas} IMPORTS ${arg_IMPORTS})
    list(APPEND generated ${files})
  endforeach()
  if(left)
    message(FATAL_ERROR "weir_add_schemas(${library}): '${left}' is in none of the folders '${arg_PREFIXES}'")
  endif()
  if(generated)
    add_library(${library} STATIC ${generated})
    set(scope PUBLIC)
  else()
    add_library(${library} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${library} SYSTEM ${scope} "${output}")
  target_link_libraries(${library} ${scope} CapnProto::capnp ${arg_LINK})
endfunction()
