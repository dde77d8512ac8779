@0xe243dd49f5b6f05e;
# Two logs as they come in, alerts and counts as they go out.

using Weir = import "/weir/annotations.capnp";

struct Hit {
  # One line of the access log.
  time @0 :Int64 $Weir.time(millis);
  source @1 :Text;    # address of the client, as written
  method @2 :Text;    # `-` where the request is not of three words
  path @3 :Text;      # target up to its first `?`, escapes as written; `-` as above
  status @4 :UInt16;  # 100 to 599
  bytes @5 :UInt64;   # 0 where the log says `-`
  line @6 :UInt64;    # of its file, from 1
}

struct FailedLogin {
  # One line of the auth log that tells of failed passwords.
  time @0 :Int64 $Weir.time(millis);
  source @1 :Text;         # address of the client, as written
  user @2 :Text;           # as the client gave it; may be empty
  isInvalidUser @3 :Bool;  # the host knows no such user
  times @4 :UInt32;        # how many failures the line stands for, 1 to 100
  line @5 :UInt64;         # of its file, from 1
}

struct Alert {
  # The 5th failed password of one source within 60 s.
  source @0 :Text;
  first @1 :Int64 $Weir.time(millis);  # of the five failures
  last @2 :Int64 $Weir.time(millis);   # of the five failures: the time of the alert
  hits @3 :UInt32;                     # web requests of the source in the 10 minutes up to `last`
  errors @4 :UInt32;                   # those of them with a status of 400 or more
}

struct PathMinute {
  # The requests for one path within one minute.
  minute @0 :Int64 $Weir.time(millis);  # its begin
  path @1 :Text;
  hits @2 :UInt32;                      # 1 or more
  errors @3 :UInt32;                    # those of them with a status of 400 or more
}
