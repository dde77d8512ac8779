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

}  // namespace nexmark
