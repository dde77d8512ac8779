#include "actors/thrown_error.hpp"

#include <kj/exception.h>

namespace weir::actors {

error error_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const failure& known) {
    return known.what_failed();
  } catch (const std::exception& other) {
    return {errc::behavior_failed, other.what()};
  } catch (const kj::Exception& other) {
    return {errc::behavior_failed, other.getDescription().cStr()};
  } catch (...) {
    return {errc::behavior_failed, "an exception that is no std::exception"};
  }
}

}  // namespace weir::actors
