#include "snapshot_tool/snapshot_command.hpp"

#include "io/snapshots/snapshot_store.hpp"
#include "schemas/snapshot.capnp.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

using namespace weir;

namespace {

namespace fs = std::filesystem;

class temporary_directory {
 public:
  temporary_directory() {
    auto name = (fs::temp_directory_path() / "weir-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~temporary_directory() { fs::remove_all(path_); }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string manifest_of(std::uint64_t epoch, const io::published_snapshot& published) {
  capnp::MallocMessageBuilder message;
  auto manifest = message.initRoot<wire::SnapshotManifest>();
  manifest.setJob("storms");
  manifest.setEpoch(epoch);
  manifest.setBegun(1'000'000);
  manifest.setCompleted(1'250'000);
  auto one = manifest.initOperators(1)[0];
  one.setName("count");
  one.setRole(wire::Role::TRANSFORM);
  one.initInstances(1)[0].setKeys(7);
  auto files = manifest.initFiles(static_cast<unsigned>(published.files.size()));
  for (unsigned at = 0; at < files.size(); ++at) {
    files[at].setName(published.files[at].name.c_str());
    files[at].setBytes(published.files[at].bytes);
    files[at].setChecksum(published.files[at].checksum);
  }
  const auto words = capnp::messageToFlatArray(message);
  return {words.asChars().begin(), words.asChars().size()};
}

/// Two snapshots of the job storms.
class published {
 public:
  published() {
    auto store = io::open_snapshot_directory(directory_ / "snaps", "storms");
    REQUIRE(store.ok());
    for (const std::uint64_t epoch : {1, 2}) {
      const std::array files{io::snapshot_file{
          .name = "000001.sst", .path = {}, .content = std::make_shared<const std::string>("content")}};
      REQUIRE((*store)
                  ->publish({epoch, false}, files,
                            [&](const io::published_snapshot& all) { return manifest_of(epoch, all); })
                  .ok());
    }
  }
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return directory_ / ("snaps/" + name);
  }

 private:
  temporary_directory directory_;
};

struct outcome {
  int code = 0;
  std::string out;
  std::string err;
};

outcome run(const std::vector<std::string>& words) {
  outcome made;
  made.code = snapshot_tool::run_snapshot_command(
      words, [&](std::string_view text) { made.out += text; },
      [&](std::string_view text) { made.err += text; });
  return made;
}

void damage(const std::string& path) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekp(3);
  file.put('X');
}

}  // namespace

TEST_CASE("weir snapshot: lists what is below a directory") {
  const published snapshots;
  for (const auto* directory : {"", "storms"}) {
    const auto listed = run({"ls", snapshots / directory});
    CHECK(listed.code == 0);
    CHECK_THAT(listed.out, Catch::Contains("\n2      snapshot  ") && Catch::Contains("\n1      snapshot  "));
  }
  CHECK_THAT(run({"ls", snapshots / "", "--json"}).out,
             Catch::Contains(R"("epoch":1,"kind":"snapshot","job":"storms")"));
  const auto one = run({"ls", snapshots / "storms/snapshot-0000000001"});
  CHECK_THAT(one.out, Catch::Contains("\n1      snapshot") && !Catch::Contains("\n2      snapshot"));
  const auto none = run({"ls", snapshots / "nowhere"});
  CHECK(none.code == 2);
  CHECK_THAT(none.err, Catch::Contains("nowhere"));
}

TEST_CASE("weir snapshot: shows the newest of a job, or the one at a path") {
  const published snapshots;
  CHECK_THAT(run({"show", snapshots / "storms"}).out,
             Catch::Contains("epoch 2") && Catch::Contains("count     transform"));
  CHECK_THAT(run({"show", snapshots / "storms/snapshot-0000000001/"}).out, Catch::Contains("epoch 1"));
}

TEST_CASE("weir snapshot: verifies every file and names the damaged one") {
  const published snapshots;
  const auto path = snapshots / "storms/snapshot-0000000001";
  CHECK(run({"verify", path}).code == 0);
  damage(path + "/000001.sst");
  const auto flipped = run({"verify", path});
  CHECK(flipped.code == 1);
  CHECK_THAT(flipped.out, Catch::Contains("damaged: " + path + "/000001.sst: its checksum is"));
  fs::resize_file(path + "/000001.sst", 3);
  CHECK_THAT(run({"verify", path, "--json"}).out, Catch::Contains("it has 3 bytes, expected 7"));
  fs::remove(path + "/000001.sst");
  CHECK(run({"verify", path}).code == 1);
}

TEST_CASE("weir snapshot: a damaged manifest is damage") {
  const published snapshots;
  const auto path = snapshots / "storms/snapshot-0000000002";
  damage(path + "/manifest");
  CHECK(run({"verify", path}).code == 1);
  CHECK(run({"show", path}).code == 1);
  const auto listed = run({"ls", snapshots / ""});
  CHECK(listed.code == 1);
  CHECK_THAT(listed.out, Catch::Contains("2      snapshot  damaged"));
}

TEST_CASE("weir snapshot: wrong usage") {
  const auto wrong = run({"lst"});
  CHECK(wrong.code == 2);
  CHECK_THAT(wrong.err, Catch::StartsWith("weir snapshot: there is no command 'lst'"));
  CHECK(run({"--help"}).code == 0);
}
