#include "io/bytes/system_error.hpp"

#include <cerrno>
#include <system_error>

namespace weir::io {

errc code_of(int error_number) noexcept {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return errc::not_found;
    case EACCES:
    case EPERM:
    case EROFS: return errc::permission_denied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return errc::disk_full;
    case EMFILE:
    case ENFILE: return errc::limit_exceeded;
    case EISDIR:
    case EEXIST:
    case EINVAL:
    case ENAMETOOLONG:
    case ELOOP: return errc::invalid_argument;
    default: return errc::io_failed;
  }
}

error system_error(int error_number, std::string_view verb, std::string_view path,
                   std::string_view next_step) {
  std::string message = "cannot ";
  message.append(verb).append(" ").append(path).append(": ");
  message += std::generic_category().message(error_number);
  if (!next_step.empty()) message.append("; ").append(next_step);
  return {code_of(error_number), std::move(message)};
}

}  // namespace weir::io
