#pragma once
/// The two log formats. README.md says exactly what is a record, what is nothing, and what is rejected.

#include "logs.capnp.h"
#include <weir/weir.hpp>

/// A line of an access log in Apache's combined format.
weir::parsed parse_access(weir::text_line line, Hit::Builder out);

/// A line of a syslog with sshd's messages, whose lines do not name the year.
weir::parsed parse_auth(int year, weir::text_line line, FailedLogin::Builder out);
