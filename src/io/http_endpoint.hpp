#pragma once
/// A small HTTP server for metrics and health: each path is a function that makes the reply.

#include <weir/error.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace weir::io {

struct http_reply {
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  int status = 200;
};

/// Answers GET requests, and POST requests where there is an action, from threads of its own, a few at a time; handlers must
/// be thread-safe. A POST that a web page of elsewhere makes a browser send is refused. An exception that leaves a
/// handler is a reply with status 500; any other path is a 404 that lists the paths. Stops in the destructor.
class http_endpoint {
 public:
  using handlers = std::map<std::string, std::function<http_reply()>>;
  using query = std::map<std::string, std::string>;  ///< what is behind the path's `?`, by name
  using actions = std::map<std::string, std::function<http_reply(const query&)>>;

  /// `address` is `127.0.0.1:9090`, `[::1]:9090` or `localhost:9090`; port 0 takes a free one. Listens where the address
  /// says and nowhere else. Errors: an address that is none (invalid_argument), a port in use.
  [[nodiscard]] static result<std::unique_ptr<http_endpoint>> listen(const std::string& address,
                                                                     handlers paths, actions posts = {});

  ~http_endpoint();
  http_endpoint(const http_endpoint&) = delete;
  http_endpoint& operator=(const http_endpoint&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  struct server;
  explicit http_endpoint(std::unique_ptr<server> running);

  std::unique_ptr<server> server_;
};

}  // namespace weir::io
