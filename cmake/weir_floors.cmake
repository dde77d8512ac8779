# weir_add_floor(<name> FOLDER <folder> USES <floor>... [THIRD_PARTY <target>...])
#
# The library weir_<name> made of all *.cpp in FOLDER and below it. USES names the floors directly below it, and nothing else of Weir is on
# its link line: the link test of each floor (tests/link) holds that. A folder without sources gives an interface
# library, so that the floors above it still configure.
function(weir_add_floor name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FOLDER" "USES;THIRD_PARTY")
  set(library weir_${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${arg_FOLDER}/*.cpp)
  list(TRANSFORM arg_USES PREPEND weir_)

  if(sources)
    add_library(${library} STATIC ${sources})
    set(scope PUBLIC)
    # Internal headers ("core/x.hpp") are visible to the floors, never to the author of a job.
    target_include_directories(${library} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tools)
  else()
    add_library(${library} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(weir::${name} ALIAS ${library})
  target_compile_features(${library} ${scope} cxx_std_20)
  target_include_directories(${library} ${scope} ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${library} ${scope} ${arg_USES} ${arg_THIRD_PARTY})
  set_property(GLOBAL APPEND PROPERTY WEIR_FLOORS ${name})
endfunction()
