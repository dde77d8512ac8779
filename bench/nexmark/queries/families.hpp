#pragma once
/// Each query's job and loop, by what it is about.

#include "nexmark/queries/query.hpp"

#include <cstdint>

namespace nexmark {

// pass.cpp: one bid at a time
void add_q0(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q0(const event_settings& events);
void add_q1(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q1(const event_settings& events);
void add_q2(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q2(const event_settings& events);
void add_q10(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q10(const event_settings& events);
void add_q13(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q13(const event_settings& events);
void add_q14(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q14(const event_settings& events);
void add_q21(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q21(const event_settings& events);
void add_q22(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q22(const event_settings& events);

// join.cpp: two kinds of events
void add_q3(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q3(const event_settings& events);
void add_q8(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q8(const event_settings& events);
void add_q20(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q20(const event_settings& events);

// closing.cpp: auctions that have closed
void add_q4(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q4(const event_settings& events);
void add_q6(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q6(const event_settings& events);
void add_q9(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q9(const event_settings& events);

// window.cpp: windows of seconds
void add_q5(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q5(const event_settings& events);
void add_q7(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q7(const event_settings& events);
void add_q11(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q11(const event_settings& events);
void add_q12(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q12(const event_settings& events);

// day.cpp: days
void add_q15(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q15(const event_settings& events);
void add_q16(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q16(const event_settings& events);
void add_q17(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q17(const event_settings& events);

// latest.cpp: the last and the best bids
void add_q18(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q18(const event_settings& events);
void add_q19(const event_streams& in, const query_settings& settings);
std::uint64_t loop_q19(const event_settings& events);

}  // namespace nexmark
