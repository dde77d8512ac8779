#include "io/http_endpoint.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using weir::io::http_endpoint;

namespace {

/// Status line, headers and body.
std::string ask(std::uint16_t port, const std::string& line, const std::string& headers = {}) {
  const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return "no connection";
  const std::string request = line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n";
  if (::write(connection, request.data(), request.size()) < 0) return "no request";
  std::string reply;
  char part[4'096];
  for (ssize_t got = 0; (got = ::read(connection, part, sizeof part)) > 0;)
    reply.append(part, static_cast<std::size_t>(got));
  ::close(connection);
  return reply;
}

std::string get(std::uint16_t port, const std::string& path) { return ask(port, "GET " + path); }

}  // namespace

TEST_CASE("http_endpoint: actions get what is behind the path, and not from web pages") {
  const auto endpoint =
      http_endpoint::listen("127.0.0.1:0", {},
                            {{"/do",
                              [](const http_endpoint::query& query) {
                                const auto found = query.find("what");
                                return weir::io::http_reply{found == query.end() ? "nothing" : found->second};
                              }}})
          .or_throw();
  const auto empty = std::string{"Content-Length: 0\r\n"};
  CHECK_THAT(ask(endpoint->port(), "POST /do?what=a%2F1&more=2", empty),
             Catch::StartsWith("HTTP/1.1 200") && Catch::EndsWith("\r\n\r\na/1"));
  CHECK_THAT(ask(endpoint->port(), "POST /do", empty), Catch::EndsWith("nothing"));
  CHECK_THAT(ask(endpoint->port(), "POST /do", empty + "Origin: http://elsewhere\r\n"),
             Catch::StartsWith("HTTP/1.1 403"));
  CHECK_THAT(get(endpoint->port(), "/do"), Catch::StartsWith("HTTP/1.1 404"));
  CHECK_THAT(ask(endpoint->port(), "POST /other", empty), Catch::StartsWith("HTTP/1.1 404"));
}

TEST_CASE("http_endpoint: paths are functions") {
  std::atomic<int> calls = 0;
  const auto endpoint =
      http_endpoint::listen("127.0.0.1:0",
                            {{"/metrics",
                              [&] {
                                ++calls;
                                return weir::io::http_reply{"weir_up 1\n", "text/plain; version=0.0.4"};
                              }},
                             {"/a.b",
                              [] {
                                return weir::io::http_reply{"dot", "text/plain", 503};
                              }},
                             {"/throws", []() -> weir::io::http_reply { throw std::runtime_error{"x"}; }}})
          .or_throw();
  REQUIRE(endpoint->port() != 0);
  CHECK_THAT(get(endpoint->port(), "/metrics"), Catch::StartsWith("HTTP/1.1 200") &&
                                                    Catch::Contains("text/plain; version=0.0.4") &&
                                                    Catch::EndsWith("\r\n\r\nweir_up 1\n"));
  CHECK_THAT(get(endpoint->port(), "/a.b"), Catch::StartsWith("HTTP/1.1 503"));
  CHECK_THAT(get(endpoint->port(), "/axb"), Catch::StartsWith("HTTP/1.1 404") && Catch::Contains("/metrics"));
  CHECK_THAT(get(endpoint->port(), "/throws"), Catch::StartsWith("HTTP/1.1 500"));
  CHECK_THAT(get(endpoint->port(), "/metrics"), Catch::StartsWith("HTTP/1.1 200"));
  CHECK(calls == 2);
}

TEST_CASE("http_endpoint: many at once") {
  const auto endpoint =
      http_endpoint::listen("localhost:0", {{"/", [] { return weir::io::http_reply{"x"}; }}}).or_throw();
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] {
      for (int k = 0; k < 20; ++k) good += get(endpoint->port(), "/").ends_with("\r\n\r\nx") ? 1 : 0;
    });
  }
  for (auto& client : clients) client.join();
  CHECK(good == 320);
}

TEST_CASE("http_endpoint: a port in use and addresses that are none") {
  const auto first = http_endpoint::listen("127.0.0.1:0", {}).or_throw();
  const auto second = http_endpoint::listen("127.0.0.1:" + std::to_string(first->port()), {});
  REQUIRE_FALSE(second.ok());
  CHECK_THAT(second.failed().message,
             Catch::Contains("cannot listen on 127.0.0.1:") && Catch::Contains("in use"));
  for (const char* address : {"", ":9090", "localhost", "localhost:", "localhost:x", "localhost:70000",
                              "::1:80", "127.0.0.1:80x"}) {
    const auto none = http_endpoint::listen(address, {});
    REQUIRE_FALSE(none.ok());
    CHECK(none.failed().code == weir::errc::invalid_argument);
  }
}

TEST_CASE("http_endpoint: stops at once, however often") {
  for (int i = 0; i < 20; ++i) {
    const auto endpoint = http_endpoint::listen("127.0.0.1:0", {}).or_throw();
    if (i % 2 == 0) CHECK_THAT(get(endpoint->port(), "/"), Catch::StartsWith("HTTP/1.1 404"));
  }
}
