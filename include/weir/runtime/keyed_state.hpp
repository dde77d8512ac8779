#pragma once
/// The state of one operator instance: live objects by key and cell, and the timers of each key.

#include <weir/error.hpp>
#include <weir/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

class byte_reader;
class byte_writer;
namespace state {
class row_run;
class state_store;
}  // namespace state

/// What a state cell holds per key.
enum class cell_kind : std::uint8_t { value, list, map, reduce };

/// Describes a cell: what the console shows, and what a snapshot is checked against.
struct cell_descriptor {
  std::string name{};
  cell_kind kind{};
  std::string type{};          ///< of the value, the elements or the mapped values: see describe.hpp
  std::string sub_key_type{};  ///< of a map's keys; empty otherwise
  std::string schemas{};  ///< a flat message with the Cap'n Proto schemas that the types name; empty: none
  friend bool operator==(const cell_descriptor&, const cell_descriptor&) = default;
};

/// How the runtime makes, moves and ends the objects of a cell.
struct cell_operations {
  std::size_t bytes = 0;
  std::size_t alignment = 1;
  void (*construct)(void* at) = nullptr;
  void (*destroy)(void* at) noexcept = nullptr;
  void (*encode)(const void* object, byte_writer& to) = nullptr;
  /// Fills a constructed object; false: the bytes are none of its type.
  bool (*decode)(void* object, byte_reader& from) = nullptr;
  /// At an empty place. Null: the object is to be encoded instead, which is cheaper or the only way.
  void (*copy)(void* at, const void* object) = nullptr;
  std::int64_t expires_after_us = 0;  ///< of event time since an object's last access; 0: it stays
  bool is_plain =
      false;  ///< a copy of its bytes is a copy of it, as where the ABI passes it in registers: std::tuple, too
};

using cell_id = std::uint32_t;

/// Which clock a timer follows.
enum class clock_kind : std::uint8_t { event, processing };

/// A timer that is due. Views hold until the next call.
struct due_timer {
  std::string_view name;
  std::int64_t deadline_us = 0;
  clock_kind clock{};
};

struct state_timer;

/// What one key has. The key's bytes and a NUL lie in front of it, the objects of its cells behind it, all in one block.
/// Moves only where it loses or gets back the room for its objects.
struct state_entry {
  std::uint64_t hash = 0;
  std::uint64_t present = 0;      ///< a bit per cell that has an object
  state_timer* timers = nullptr;  ///< of this key, in no order
  std::uint32_t key_size : 31 = 0;
  // Of an instance whose state survives:
  std::uint32_t dirty_list : 1 = 0;  ///< which of two lists of dirty entries has it
  std::uint32_t is_stub : 1 = 0;     ///< has no room for objects; those it has, if any, are in the store only
  std::uint32_t is_dirty : 1 = 0;    ///< touched since its row was written
  std::uint32_t has_new_timers : 1 = 0;     ///< its timers were changed since then
  std::uint32_t is_stored : 1 = 0;          ///< the store may have a row of objects
  std::uint32_t has_stored_timers : 1 = 0;  ///< the store has a row of timers
  std::uint32_t is_referenced : 1 = 0;      ///< touched since trim() last looked at it
  std::uint32_t is_noted : 1 = 0;           ///< touched since the last mark(), with what it was then kept
  std::uint32_t dirty_at : 25 = 0;          ///< where the list of dirty entries has it

  [[nodiscard]] bool is_empty() const noexcept { return present == 0 && timers == nullptr; }
};

/// Which rows of the store belong to an instance.
struct state_place {
  std::string operator_name;
  std::uint32_t instance = 0;
  std::uint32_t parallelism = 1;
  bool keyed = false;  ///< its key groups' rows; otherwise the rows of the instance of that number
  bool drops_unknown_cells =
      false;  ///< stored cells that the behavior does not declare are dropped, not an error
};

/// A key that is about to be selected.
struct key_ref {
  std::uint64_t hash = 0;
  std::string_view key;
};

/// Confined to the owning actor. Keys are bytes (key.hpp); every call but select() is about the selected key.
/// Cost: a select() is free until state is touched; then one look-up in an open-addressing table, two cache lines
/// that prefetch() can bring in before.
class keyed_state {
 public:
  static constexpr std::size_t cells_max = 64;
  /// How many other prefetch() calls should come between prefetch(h) and select(h), at least.
  static constexpr std::size_t prefetch_distance = 16;

  keyed_state();
  ~keyed_state();
  keyed_state(const keyed_state&) = delete;
  keyed_state& operator=(const keyed_state&) = delete;

  /// Adds a cell. Precondition: no key has been touched yet, but for a cell that an earlier life of the instance declared.
  /// Throws failure(invalid_graph) on a name used twice.
  cell_id declare(cell_descriptor descriptor, const cell_operations& operations);
  [[nodiscard]] std::span<const cell_descriptor> cells() const noexcept;

  /// The key that the following calls are about. `key` must stay valid, and end in a NUL, until the next select(); it
  /// must not be a view that key() returned.
  void select(std::uint64_t hash, std::string_view key) noexcept {
    if (emptied_ != nullptr) [[unlikely]]
      drop_emptied();
    hash_ = hash;
    key_ = key;
    look_up_ = look_up::pending;
  }
  /// No key any more: until the next select() nothing may be touched.
  void deselect() noexcept;
  [[nodiscard]] bool is_selected() const noexcept { return look_up_ != look_up::no_key; }
  /// Ends in a NUL.
  [[nodiscard]] std::string_view key() const noexcept { return key_; }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  /// Brings in the memory that select(hash, ...) will need: first the place in the table, and, some calls of prefetch()
  /// later, what that place refers to.
  void prefetch(std::uint64_t hash) const noexcept;

  /// The selected key's object, or null if it was never made or was erased.
  [[nodiscard]] void* find(cell_id cell) {
    if (look_up_ != look_up::done) resolve();
    if (entry_ == nullptr || ((entry_->present >> cell) & 1U) == 0) return nullptr;
    return reinterpret_cast<std::byte*>(entry_) + offsets_[cell];
  }
  /// The selected key's object, made by `construct` if there is none. Its address holds until it is erased.
  [[nodiscard]] void* find_or_make(cell_id cell) {
    void* found = find(cell);
    return found != nullptr ? found : make(cell);
  }
  void erase(cell_id cell);

  /// Where the event time of what is being handled stands, for cells whose objects expire; it must outlive the use of
  /// such cells. Null, or time_min_us: event time is not known, an access counts for nothing.
  void follow(const std::int64_t* event_time_us) noexcept { event_time_us_ = event_time_us; }
  /// find() and find_or_make() of a cell whose objects expire: one that is too old for the event time that is being
  /// handled is erased first; to be returned is an access.
  [[nodiscard]] void* find_fresh(cell_id cell);
  [[nodiscard]] void* find_or_make_fresh(cell_id cell);

  /// Sets or moves the selected key's timer of this name and clock. Moving it later costs O(1), amortised.
  void set_timer(std::string_view name, clock_kind clock, std::int64_t deadline_us);
  /// False if there was none.
  bool cancel_timer(std::string_view name, clock_kind clock);
  /// Not later than the earliest deadline of this clock; time_max_us if there is no timer.
  [[nodiscard]] std::int64_t next_deadline(clock_kind clock) const noexcept {
    return next_deadline_us_[static_cast<std::size_t>(clock)];
  }
  /// Takes out the earliest timer with a deadline <= limit_us and selects its key. Order: deadline, then hash,
  /// then key, then name, so it does not depend on the order in which timers were set. Objects that expire before it do so;
  /// at the end of time, when limit_us is time_max_us, only those that are followed by a timer.
  [[nodiscard]] std::optional<due_timer> take_due(clock_kind clock, std::int64_t limit_us);

  // --- state that survives ------------------------------------------------------------------------------------------
  //
  // Attached to a store, the state in memory is a cache of the instance's rows: an object that is not there is looked for
  // in the store, and what is touched counts as changed until the next begin_changes(). The store always holds what
  // end_changes() last returned. Where the store cannot be read, calls throw failure(io_failed).
  //
  // Apart from the store there is a point in time to which revert() goes back: the last begin_changes() or mark(). What a
  // key was at that point is kept in memory when it is touched for the first time behind it.

  /// Precondition: no cell is declared yet.
  void attach(std::shared_ptr<state::state_store> store, state_place place);
  [[nodiscard]] bool is_attached() const noexcept { return is_attached_; }
  /// A new life begins on the state as it is: the behavior declares its cells again.
  void begin_life();
  /// Behind the declarations, in a first life only: what the store holds from an earlier run is checked against the
  /// cells, and timers come back. An incompatible cell is an error that names operator, cell, field and both types.
  [[nodiscard]] result<void> restore();
  /// Everything that was changed up to here is to be written, and counts as unchanged from now on; revert() comes back to
  /// here. It is written bit by bit, and what is touched meanwhile just before. Costs a few nanoseconds per key that was
  /// touched since the last mark. Preconditions: no key is selected, and nothing is being written.
  void begin_changes();
  [[nodiscard]] bool is_writing_changes() const noexcept;
  /// Writes some more, about as many keys and bytes. True: all is written. Throws what an author's inspect() does; nothing
  /// is lost then. Preconditions: no key is selected, and changes are being written.
  [[nodiscard]] bool write_changes(std::size_t keys_max, std::size_t bytes_max);
  /// What is left of it, too: rows that the caller hands over to the store at once. Preconditions and errors as above.
  [[nodiscard]] std::shared_ptr<const state::row_run> end_changes();
  /// All of it in one call, begun before or not.
  [[nodiscard]] std::shared_ptr<const state::row_run> take_changes();
  /// From now on revert() comes back to here. Costs a few nanoseconds per key that was touched since the last time.
  /// Precondition: no key is selected.
  void mark();
  /// False: nothing is kept for revert(), which fails then, until true is said at a point to come back to.
  void keep_marks(bool keeps);
  /// What is kept for revert().
  [[nodiscard]] std::size_t mark_bytes() const noexcept;
  /// What the keys that were touched since the last mark were at that point, as rows: their objects and timers, and which
  /// cells the numbers in them stand for. An error if that is more than `bytes_max`.
  [[nodiscard]] result<std::vector<std::pair<std::string, std::string>>> rows_at_mark(std::size_t bytes_max);
  /// Forgets what was changed since the last mark.
  [[nodiscard]] result<void> revert();

  /// True: a key's objects may lie in the store only.
  [[nodiscard]] bool may_miss() const noexcept { return may_miss_; }
  /// True: that was so lately, and load() before a run of keys saves time.
  [[nodiscard]] bool load_pays() const noexcept { return load_pays_; }
  /// Brings in what select(key) will need, for many keys by one read of the store. What cannot be read, or is damaged, is
  /// left to the call that needs it, which fails then.
  void load(std::span<const key_ref> keys);
  /// Drops objects that the store has, roughly least recently used first, until bytes() is no more than `bytes_max` or
  /// too little can go: what is dirty must stay.
  void trim(std::size_t bytes_max);
  /// Keys that were changed since begin_changes(), and roughly their bytes.
  [[nodiscard]] std::size_t dirty_keys() const noexcept;
  [[nodiscard]] std::size_t dirty_bytes() const noexcept;

  /// Keys that have state or a timer, in memory; of a state that survives, erased ones until the next mark() or, where
  /// the store has them, end_changes().
  [[nodiscard]] std::size_t keys() const noexcept;
  /// Those that were set by set_timer().
  [[nodiscard]] std::size_t timers() const noexcept;
  /// Memory of table and entries that are there now, so it falls where entries go, although their memory is kept for
  /// later ones. What objects allocate themselves is estimated from the size of rows, and not in it where none were
  /// read or written.
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  enum class look_up : std::uint8_t {
    no_key,   ///< no key is selected
    pending,  ///< nobody has looked for the selected key's entry yet
    done,     ///< entry_ is the selected key's entry, or null if it has none
  };
  struct contents;

  void declare_new(cell_descriptor descriptor, const cell_operations& operations);
  void resolve();
  void touch_selected();
  [[nodiscard]] void* make(cell_id cell);
  state_entry& entry();
  void note_if_empty() noexcept;
  void drop_emptied() noexcept;
  void note_rows_changed() noexcept;
  void note_missed() noexcept;
  void end_timer(state_timer& timer) noexcept;
  void expire(state_timer& timer);
  void postpone_expiry(cell_id cell);
  [[nodiscard]] std::int64_t expiry_of(cell_id cell) const noexcept;
  [[nodiscard]] state_timer* next_due(clock_kind clock, std::int64_t limit_us);
  void update_next_deadline(clock_kind clock) noexcept;

  std::string_view key_{""};
  std::uint64_t hash_ = 0;
  const std::int64_t* event_time_us_ = nullptr;
  state_entry* entry_ = nullptr;
  state_entry* emptied_ =
      nullptr;  ///< may have become empty while it was selected; removed at the next select()
  look_up look_up_ = look_up::no_key;
  bool is_attached_ = false;
  bool may_miss_ = false;         ///< the store has rows of keys that have no entry, or there are stubs
  bool load_pays_ = false;        ///< a key was looked for in the store lately
  std::uint32_t loads_left_ = 0;  ///< until load() counts as useless if it never finds that a key is missing
  std::array<std::int64_t, 2> next_deadline_us_{time_max_us, time_max_us};
  std::array<std::uint32_t, cells_max> offsets_{};  ///< of a cell's object from its entry
  std::unique_ptr<contents> contents_;
};

}  // namespace weir
