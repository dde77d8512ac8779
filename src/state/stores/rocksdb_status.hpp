#pragma once
/// What RocksDB and the file system say, as errors of the table.

#include <weir/error.hpp>

#include <rocksdb/status.h>

#include <string>
#include <string_view>
#include <system_error>

namespace weir::state {

/// `cannot write the state in /tmp/x: IO error: ...; free space there`. Precondition: !status.ok().
[[nodiscard]] error error_of(const rocksdb::Status& status, std::string_view verb, std::string_view path);
[[nodiscard]] error system_error(std::string_view verb, std::string_view path, const std::error_code& failed);

}  // namespace weir::state
