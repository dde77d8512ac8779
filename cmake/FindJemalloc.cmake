# Finds jemalloc. Defines Jemalloc_FOUND and the target jemalloc::jemalloc: what links it allocates with it, although
# nothing in it names one of its functions, so the linker is told to keep it.

find_library(Jemalloc_LIBRARY jemalloc)
mark_as_advanced(Jemalloc_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Jemalloc
  REQUIRED_VARS Jemalloc_LIBRARY
  REASON_FAILURE_MESSAGE "install Debian's libjemalloc-dev, or run tools/dev build")

if(Jemalloc_FOUND AND NOT TARGET jemalloc::jemalloc)
  add_library(jemalloc::jemalloc INTERFACE IMPORTED)
  set_target_properties(
    jemalloc::jemalloc
    PROPERTIES INTERFACE_LINK_OPTIONS "LINKER:--push-state,--no-as-needed,${Jemalloc_LIBRARY},--pop-state")
endif()
