#pragma once
/// What a keyed_state consists of: entries, timers, and the rows of the store that they are a cache of.

#include "state/absent_keys.hpp"
#include "state/cell_numbers.hpp"
#include "state/entry_table.hpp"
#include "state/memory/slab.hpp"
#include "state/row_run.hpp"
#include "state/row_size.hpp"
#include "state/state_store.hpp"
#include "state/timers/timer_names.hpp"
#include "state/timers/timer_queue.hpp"
#include <weir/error.hpp>
#include <weir/runtime/keyed_state.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

/// Knows nothing of a selected key.
/// Invariants: an entry is a stub (no room for objects), or loaded. What is dirty is loaded. An entry without object and
/// timer is in the table only while it is selected, as a stub, or dirty: noted, or with a row in the store. What is
/// noted is dirty.
struct keyed_state::contents {
  using offset_array = std::array<std::uint32_t, cells_max>;

  explicit contents(const offset_array& cell_offsets) : offsets{cell_offsets} {}
  ~contents();
  contents(const contents&) = delete;
  contents& operator=(const contents&) = delete;

  // --- entries and timers -------------------------------------------------------------------------------------------

  const offset_array& offsets;
  std::vector<cell_descriptor> cells;
  std::vector<cell_operations> operations;
  std::uint64_t declared = 0;  ///< a bit per cell that was declared in this life
  std::size_t lives = 1;
  std::size_t entry_alignment = alignof(state_entry);
  std::size_t entry_bytes = sizeof(state_entry);  ///< with the objects, without the key
  state::slab memory;
  state::entry_table entries;
  state::timer_names names;
  std::size_t expiries = 0;  ///< timers that are not the author's
  std::array<state::timer_queue, 2> queues{state::timer_queue{names}, state::timer_queue{names}};

  [[nodiscard]] state::timer_queue& queue(clock_kind clock) noexcept {
    return queues[static_cast<std::size_t>(clock)];
  }
  [[nodiscard]] std::byte* object_at(state_entry& entry, cell_id cell) const noexcept {
    return reinterpret_cast<std::byte*>(&entry) + offsets[cell];
  }

  /// Not in the table before; loaded and empty.
  state_entry& make_entry(std::uint64_t hash, std::string_view key);
  state_entry& make_stub(std::uint64_t hash, std::string_view key);
  /// Precondition: it has neither object nor timer.
  void end_entry(state_entry& ended) noexcept;
  /// Precondition: it is empty. False: it stays until mark(), or end_changes(), so that the store's row is erased.
  [[nodiscard]] static bool may_end(const state_entry& empty) noexcept {
    return empty.is_noted == 0 && empty.is_stored == 0 && empty.has_stored_timers == 0;
  }
  void destroy_objects(state_entry& entry) noexcept;
  [[nodiscard]] state_timer* find_timer(state_entry& owner, std::uint32_t name,
                                        clock_kind clock) const noexcept;
  void add_timer(state_entry& owner, std::string_view name, clock_kind clock, std::int64_t deadline_us);
  [[nodiscard]] state_timer* find_expiry(state_entry& owner, cell_id cell) const noexcept;
  void add_expiry(state_entry& owner, cell_id cell, std::int64_t deadline_us);
  void end_timer(state_timer& timer) noexcept;

  // --- rows ---------------------------------------------------------------------------------------------------------

  std::shared_ptr<state::state_store> store;  ///< null: the state lives in memory only
  state_place place;
  std::string objects_prefix;  ///< of rows, up to key group or instance
  std::string timers_prefix;
  state::cell_numbers numbers;
  bool has_numbers = false;
  bool has_other_rows = false;  ///< the store may have rows of objects whose keys have no entry
  state::absent_keys absent;    ///< has_other_rows, but these keys have none
  /// Dirty entries, in the order in which they were touched; null where one has ended or was written. One list grows, the
  /// other is being written.
  std::array<std::vector<state_entry*>, 2> dirty;
  std::uint32_t growing = 0;
  std::size_t dirty_entries = 0;  ///< in the growing list
  /// Changes that are being written.
  struct writing {
    std::shared_ptr<state::row_run> run;  ///< null: none are
    std::size_t next = 0;                 ///< in the other list
    std::vector<state_entry*> erased;     ///< empty, but the store does not know; they stay until it does
    std::exception_ptr failed;            ///< thrown by an author's code where nobody expects it
  };
  writing changes;
  std::size_t stubs = 0;
  std::size_t stubs_with_timers = 0;
  state::row_size rows;
  std::size_t hand = 0;  ///< of the clock with which trim() goes around the table

  [[nodiscard]] bool may_miss() const noexcept { return has_other_rows || stubs > 0; }
  [[nodiscard]] bool is_to_be_written(const state_entry& entry) const noexcept {
    return entry.is_dirty != 0 && entry.dirty_list != growing;
  }
  /// It may be changed from here on.
  void touch(state_entry& entry, bool is_new = false);

  /// The loaded entry of a key that has none and may have a row, or null. Throws failure.
  [[nodiscard]] state_entry* fetch(std::uint64_t hash, std::string_view key);
  /// The same entry, loaded, at another place; null if it turned out to have nothing. Throws failure.
  [[nodiscard]] state_entry* fill(state_entry& stub);
  /// Fills the owners of the timers that are due next.
  void fill_due(clock_kind clock, std::int64_t limit_us);
  [[nodiscard]] bool is_known_absent(std::uint64_t hash, std::string_view key) const {
    return !has_other_rows || absent.contains(hash, key);
  }
  /// True: one of the keys was looked for in the store.
  bool load(std::span<const key_ref> keys);
  void trim(std::size_t bytes_max);

  [[nodiscard]] result<void> restore();
  void begin_changes();
  [[nodiscard]] bool write_changes(std::size_t keys_max, std::size_t bytes_max);
  [[nodiscard]] state::row_run_ptr end_changes();

  // --- the way back -------------------------------------------------------------------------------------------------

  static constexpr std::size_t small_max = 24;
  /// The room for objects, if it can be copied as a whole into a note; otherwise 0.
  std::size_t small_bytes = 0;

  /// What an entry was at the mark.
  struct note {
    enum class kind : std::uint8_t {
      created,   ///< it was not there
      kept,      ///< objects and timers lie in `before`
      small,     ///< its objects lie here, and it had no timers
      in_store,  ///< timers do; the objects are what the store has
      lost,      ///< its objects cannot be encoded, or all together take too much
    };
    state_entry* entry = nullptr;
    std::uint64_t present = 0;
    struct image {
      std::uint32_t begin = 0;  ///< in `before`
      std::uint32_t objects_to = 0;
      std::uint32_t timers_to = 0;
    };
    union {
      image large{};
      std::array<std::byte, small_max> small;  ///< the room for objects as it was
    };
    kind what{};
    bool was_dirty = false;
    bool had_new_timers = false;
  };
  std::vector<note> notes;
  std::string before;
  /// Objects that are noted as copies.
  class kept_copies {
   public:
    kept_copies() = default;
    ~kept_copies() { clear(); }
    kept_copies(const kept_copies&) = delete;
    kept_copies& operator=(const kept_copies&) = delete;

    /// Returns its place.
    std::uint32_t add(const cell_operations& of, const void* object);
    [[nodiscard]] const void* at(std::uint32_t place) const noexcept { return copies_[place].object; }
    void clear() noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

   private:
    struct one {
      void* object = nullptr;
      std::align_val_t alignment{};
      void (*destroy)(void* at) noexcept = nullptr;
    };
    std::vector<one> copies_;
    std::size_t bytes_ = 0;  ///< without what the objects have elsewhere
  };
  kept_copies copies;
  bool keeps_marks = true;

  void mark() noexcept;
  void forget_notes() noexcept;
  void clear_notes() noexcept {
    notes.clear();
    before.clear();
    copies.clear();
  }
  [[nodiscard]] result<void> revert();
  using stored_rows = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] result<stored_rows> rows_at_mark(std::size_t bytes_max);

  [[nodiscard]] std::size_t bytes() const noexcept;
  /// What the objects of an entry take beside the entry, on average.
  [[nodiscard]] std::size_t outside_bytes() const noexcept;

 private:
  /// A key whose row of objects is wanted.
  struct wanted {
    state_entry* stub = nullptr;  ///< null: it has no entry
    std::uint64_t hash = 0;
    std::string_view key;
    std::string_view row_key{};  ///< while the row is looked for
  };

  [[nodiscard]] std::size_t front_bytes(std::size_t key_size) const noexcept;
  [[nodiscard]] std::size_t body_bytes(bool is_stub) const noexcept {
    return is_stub ? sizeof(state_entry) : entry_bytes;
  }
  state_entry& place_entry(const state_entry& header, std::string_view key);
  void release_block(state_entry& entry) noexcept;
  /// The same entry in a block with or without room for objects. Precondition: it has none.
  state_entry& move_entry(state_entry& moved, bool to_stub);
  state_entry& into_stub(state_entry& loaded);
  state_entry& out_of_stub(state_entry& stub);

  void append_row_key(std::string& to, const std::string& prefix, std::uint64_t hash,
                      std::string_view key) const;
  /// Makes `keys` ascending and each once, and gives the row of each.
  [[nodiscard]] result<std::vector<std::optional<std::string>>> find_rows(std::vector<wanted>& keys) const;
  void read_rows(std::vector<wanted>& keys);
  state_entry* take_in(const wanted& key, const std::optional<std::string>& row);
  void decode_into(state_entry& entry, std::string_view row);
  [[noreturn]] void fail_damaged(const state_entry& entry, std::string_view what) const;
  void evict(state_entry& entry);

  void assign_numbers();
  [[nodiscard]] bool is_mostly_dirty() const noexcept;
  void add_dirty(state_entry& entry);
  void add_clean();
  void write_out(state_entry& entry);
  void forget_erased() noexcept;
  void append_objects(state::row_run& to, state_entry& entry);
  void encode_objects(std::string& to, state_entry& entry) const;
  void append_timers(state::row_run& to, const state_entry& entry) const;
  void encode_timers(std::string& to, const state_entry& entry) const;
  void forget_dirty(state_entry& entry) noexcept;

  void take_note(state_entry& entry, bool is_new);
  void keep(const state_entry& entry, note& taken);
  void keep_objects(const state_entry& entry);
  void keep_small(const state_entry& entry, note& taken) const noexcept;
  [[nodiscard]] std::string_view objects_of(const note& of) const noexcept;
  [[nodiscard]] std::string_view timers_of(const note& of) const noexcept;
  [[nodiscard]] std::string image_of_small(const note& of) const;
  [[nodiscard]] const void* copy_in(std::string_view image) const noexcept;
  template <class Visit>
  void visit_image(std::uint64_t present, std::string_view image, Visit&& visit) const;
  void bring_back(const note& of);
  void bring_back_objects(state_entry& entry, std::uint64_t present, std::string_view image);
  [[nodiscard]] std::string row_of(std::uint64_t present, std::string_view image) const;
  void add_noted_rows(const note& of, stored_rows& to) const;
  [[nodiscard]] result<void> read_noted_rows(std::size_t begin, std::size_t end, stored_rows& to) const;

  /// Expiries of cells that are gone, or expire no more, are forgotten.
  void take_in_timer(state_entry& owner, const state::stored_timer& timer);
  void insert_timer(const state_timer& header);
  [[nodiscard]] result<void> take_in_timers(std::string_view row_key, std::string_view value);
};

}  // namespace weir
