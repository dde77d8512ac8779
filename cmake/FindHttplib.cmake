# Finds cpp-httplib as Debian packages it: a header of declarations and a compiled library.
#
# defines Httplib_FOUND and the target httplib::httplib. The definitions are part of the library's ABI: they change
# the layout of its classes, so they must be those that the package was compiled with.

find_path(Httplib_INCLUDE_DIR httplib.h)
find_library(Httplib_LIBRARY cpp-httplib)
mark_as_advanced(Httplib_INCLUDE_DIR Httplib_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  Httplib
  REQUIRED_VARS Httplib_LIBRARY Httplib_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install Debian's libcpp-httplib-dev, or run tools/dev build")

if(Httplib_FOUND AND NOT TARGET httplib::httplib)
  find_package(Threads REQUIRED)
  add_library(httplib::httplib UNKNOWN IMPORTED)
  set_target_properties(
    httplib::httplib
    PROPERTIES
      IMPORTED_LOCATION "${Httplib_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${Httplib_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES Threads::Threads
      INTERFACE_COMPILE_DEFINITIONS
      "CPPHTTPLIB_OPENSSL_SUPPORT;CPPHTTPLIB_ZLIB_SUPPORT;CPPHTTPLIB_BROTLI_SUPPORT")
endif()
