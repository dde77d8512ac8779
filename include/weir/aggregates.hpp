#pragma once
/// Aggregates: what a window makes of its records.
///
///   count(), count_if(predicate)               how many                            std::uint64_t
///   sum(getter), mean(getter)                  of numbers                          std::int64_t, std::uint64_t or double; double
///   min(getter), max(getter)                   what `getter` finds                 its type
///   min_by(by, what), max_by(by, what)         `what` of the record with the least, greatest `by`
///   distinct(getter)                           how many different values, exactly  std::uint64_t
///   top(n, by, what)                           the n greatest                      const std::vector<ranked<By, What>>&
///   quantile(q, getter)                        approximate, see quantile_sketch    double
///   to_list(getter)                            all, as they came                   const std::vector<X>&
///   where(predicate, aggregate)                of the records for which it holds   see where
///
/// A getter is `&Bid::Reader::getPrice` or a function of a Reader; a text that it finds is kept as std::string, a record
/// as weir::stored<Record>. All but to_list keep accumulators, no records.
///
/// An aggregate of one's own is a struct:
///
///   struct spread {
///     struct accumulator { std::int64_t least = 0, most = 0; bool any = false; };  // a state type; {}: of no record
///     void add(accumulator& a, Bid::Reader bid) const { ... }
///     void merge(accumulator& a, const accumulator& other) const { ... }           // other's records are the later ones
///     void subtract(accumulator& a, const accumulator& other) const { ... }        // optional: undoes merge
///     std::int64_t result(const accumulator& a) const { return a.most - a.least; }
///   };

#include <weir/aggregates/collections.hpp>
#include <weir/aggregates/extremes.hpp>
#include <weir/aggregates/numbers.hpp>
#include <weir/aggregates/where.hpp>
