#include "nexmark/queries/families.hpp"

#include <array>

namespace nexmark {
namespace {

constexpr event_kinds bids{.bids = true};
constexpr event_kinds persons_and_auctions{.persons = true, .auctions = true};
constexpr event_kinds auctions_and_bids{.auctions = true, .bids = true};

constexpr std::array queries{
    query{"q0", "pass-through", bids, add_q0, loop_q0},
    query{"q1", "currency conversion", bids, add_q1, loop_q1},
    query{"q2", "selection", bids, add_q2, loop_q2},
    query{"q3", "local items", persons_and_auctions, add_q3, loop_q3},
    query{"q4", "average per category", auctions_and_bids, add_q4, loop_q4},
    query{"q5", "hot items", bids, add_q5, loop_q5},
    query{"q6", "average per seller", auctions_and_bids, add_q6, loop_q6},
    query{"q7", "highest bid", bids, add_q7, loop_q7},
    query{"q8", "new users", persons_and_auctions, add_q8, loop_q8},
    query{"q9", "winning bids", auctions_and_bids, add_q9, loop_q9},
    query{"q10", "log to files", bids, add_q10, loop_q10, true},
    query{"q11", "user sessions", bids, add_q11, loop_q11},
    query{"q12", "processing-time windows", bids, add_q12, loop_q12},
    query{"q13", "bounded side input", bids, add_q13, loop_q13},
    query{"q14", "calculation", bids, add_q14, loop_q14},
    query{"q15", "bids per day", bids, add_q15, loop_q15},
    query{"q16", "bids per channel and day", bids, add_q16, loop_q16},
    query{"q17", "bids per auction and day", bids, add_q17, loop_q17},
    query{"q18", "last bids", bids, add_q18, loop_q18},
    query{"q19", "top ten bids", bids, add_q19, loop_q19},
    query{"q20", "bids with their auction", auctions_and_bids, add_q20, loop_q20},
    query{"q21", "channel id", bids, add_q21, loop_q21},
    query{"q22", "directories of the url", bids, add_q22, loop_q22},
};

}  // namespace

std::span<const query> all_queries() { return queries; }

}  // namespace nexmark
