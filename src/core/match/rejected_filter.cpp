#include "core/match/rejected_filter.hpp"

#include "core/match/numbering.hpp"

namespace recon::match {

RejectedFilter::RejectedFilter(const Rejected* rejected, const Plan& plan, const Index& index,
                               CandidateSink& sink)
    : index_(index), sink_(sink) {
    int a = plan.a->find(rejected_field), b = plan.b->find(rejected_field);
    if (rejected == nullptr || rejected->empty() || a < 0 || b < 0) return;
    rejected_ = rejected;
    ids_a_ = plan.a->columns[static_cast<std::size_t>(a)].numbers.data();
    ids_b_ = plan.b->columns[static_cast<std::size_t>(b)].numbers.data();
}

void RejectedFilter::add(std::span<const Candidate> candidates) {
    if (rejected_ == nullptr) {
        sink_.add(candidates);
        return;
    }
    kept_.clear();
    for (const Candidate& candidate : candidates) {
        std::int64_t a = ids_a_[rows_of(index_.a, candidate.a)[0]],
                     b = ids_b_[rows_of(index_.b, candidate.b)[0]];
        if (a != null_number && b != null_number && rejected_->has({a}, {b})) {
            left_a_.push_back(candidate.a);
            left_b_.push_back(candidate.b);
        } else {
            kept_.push_back(candidate);
        }
    }
    sink_.add(kept_);
}

}  // namespace recon::match
