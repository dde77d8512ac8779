#include "nexmark/queries/families.hpp"

#include <array>

namespace nexmark {
namespace {

constexpr event_kinds only_bids{.bids = true};

constexpr std::array queries{
    query{"q0", "pass-through", only_bids, add_q0, loop_q0},
    query{"q1", "currency conversion", only_bids, add_q1, loop_q1},
    query{"q2", "selection", only_bids, add_q2, loop_q2},
    query{"q10", "log to files", only_bids, add_q10, loop_q10, true},
    query{"q13", "bounded side input", only_bids, add_q13, loop_q13},
    query{"q14", "calculation", only_bids, add_q14, loop_q14},
    query{"q21", "channel id", only_bids, add_q21, loop_q21},
    query{"q22", "directories of the url", only_bids, add_q22, loop_q22},
};

}  // namespace

std::span<const query> all_queries() { return queries; }

}  // namespace nexmark
