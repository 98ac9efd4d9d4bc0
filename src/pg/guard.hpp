// The boundary between C++ and the server. PostgreSQL reports errors by longjmp, C++ by exceptions;
// crossing them skips destructors or kills the server. There are two guards, and no other way
// across:
//
//   call()   C++ calls the server: turns a longjmp into a ServerError exception. The error report
//   stays parked in
//            elog's own stack, with SQLSTATE, DETAIL, HINT and CONTEXT.
//   enter()  the server calls C++ (through RECON_FUNCTION): the body runs in a noexcept helper that
//   turns its
//            outcome into plain data; only when every C++ object is gone is the error raised or
//            re-thrown.
//
// A function given to call() owns nothing with a destructor, throws nothing, and returns a
// trivially copyable value. Nothing between catches ServerError except to clean up without the
// server, or Subtransaction (subtransaction.hpp).
#pragma once

#include "core/error.hpp"
#include "core/limits.hpp"
#include "pg/server.hpp"

namespace recon::pg {

struct ServerError {};

template <class F>
auto call(F&& function) -> decltype(function()) {
    using Result = decltype(function());
    static_assert(std::is_void_v<Result> || std::is_trivially_copyable_v<Result>);
    MemoryContext context = CurrentMemoryContext;
    sigjmp_buf* exception_stack = PG_exception_stack;
    ErrorContextCallback* error_context = error_context_stack;
    sigjmp_buf buffer;
    if (sigsetjmp(buffer, 0) == 0) {
        PG_exception_stack = &buffer;
        if constexpr (std::is_void_v<Result>) {
            function();
            PG_exception_stack = exception_stack;
            error_context_stack = error_context;
            return;
        } else {
            Result result = function();
            PG_exception_stack = exception_stack;
            error_context_stack = error_context;
            return result;
        }
    }
    PG_exception_stack = exception_stack;
    error_context_stack = error_context;
    MemoryContextSwitchTo(context);
    throw ServerError{};
}

// Text for a message or a column: what was cut within a character, or is no text in the server's
// encoding, is made valid in place.
void make_valid(char* text);

// Called when the backend first calls a function of recon; what it does cannot fail.
inline void (*at_first_call)() = nullptr;

using FunctionBody = Datum (*)(FunctionCallInfo);
Datum enter(FunctionCallInfo fcinfo, FunctionBody body);

// The same for hooks, which have other arguments: what they need is behind `argument`, as plain
// data.
using HookBody = void (*)(void* argument);
void enter_hook(void* argument, HookBody body);

// Serves pending interrupts: a cancel, a timeout or a termination leaves as ServerError with its
// true reason, the harmless kinds are handled and the work goes on.
class Interrupts final : public StopToken {
  public:
    bool should_stop() override {
        if (InterruptPending) call([] { CHECK_FOR_INTERRUPTS(); });
        return false;
    }
};

}  // namespace recon::pg
