#include "launcher/nearest_name.hpp"
#include "launcher/option_values.hpp"
#include <weir/arguments.hpp>
#include <weir/error.hpp>

namespace weir {
namespace {

/// The value, or a failure that names the option.
template <class T>
T or_throw(std::string_view name, result<T> parsed) {
  if (parsed.ok()) return *std::move(parsed);
  throw failure{parsed.failed().code, "option --" + std::string{name} + ": " + parsed.failed().message};
}

}  // namespace

const std::string& arguments::operator[](std::string_view name) const {
  const auto found = values_.find(std::string{name});
  if (found != values_.end()) return found->second;
  std::vector<std::string> names;
  names.reserve(values_.size());
  for (const auto& [declared, value] : values_) names.push_back(declared);
  throw failure{errc::invalid_argument, "the job asks for the option --" + std::string{name} +
                                            ", which it does not declare: add {\"" + std::string{name} +
                                            "\", \"what it means\"} to WEIR_JOB" +
                                            launcher::did_you_mean(name, names, "--")};
}

std::int64_t arguments::number(std::string_view name, std::int64_t least, std::int64_t most) const {
  return or_throw(name, launcher::parse_number((*this)[name], least, most));
}

double arguments::decimal(std::string_view name) const {
  return or_throw(name, launcher::parse_decimal((*this)[name]));
}

duration arguments::duration(std::string_view name) const {
  return or_throw(name, launcher::parse_duration((*this)[name]));
}

}  // namespace weir
