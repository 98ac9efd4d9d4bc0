// gzip: members, padding, damage, bombs, in chunks of any size.
#include "core/input/unpacker.hpp"

#include "core/error.hpp"
#include "input_support.hpp"

namespace recon::test {
namespace {

using namespace recon::input;
using std::string_literals::operator""s;

std::string unpacked(std::string_view bytes, std::size_t chunk = SIZE_MAX) {
    std::string text;
    auto take = [&](std::string_view more) { text += more; };
    try {
        Unpacker unpacker;
        for (std::size_t at = 0; at < bytes.size();) {
            std::string piece(bytes.substr(at, chunk));
            unpacker.feed(piece, take);
            at += piece.size();
        }
        unpacker.finish(take);
    } catch (const Error& error) {
        return error.code() + (" " + error.message());
    }
    return text;
}

constexpr std::string_view text = "id,amount\n1,2\n3,4\n";
constexpr char damaged[] = "22P04 the gzip data of the file are damaged";
constexpr char cut[] = "22P04 the gzip data of the file end too early";

TEST(InputUnpacker, PlainBytesStayAsTheyAre) {
    for (std::string_view bytes :
         {std::string_view(""), text, std::string_view("\x1F"), std::string_view("\x1F\x1F\x8B"),
          std::string_view("\x8B\x1F"), std::string_view("a\x1F\x8B")})
        for (std::size_t chunk : {std::size_t{1}, std::size_t{2}, SIZE_MAX})
            EXPECT_EQ(unpacked(bytes, chunk), bytes);
}

TEST(InputUnpacker, MembersFollowOneAnother) {
    std::string more(300000, 'x'), all = std::string(text) + more;
    std::string bytes = packed(text) + packed("") + packed(more, 9) + packed(more, 0);
    for (std::size_t chunk : {std::size_t{1}, std::size_t{2}, std::size_t{100}, SIZE_MAX}) {
        EXPECT_EQ(unpacked(bytes, chunk), all + more) << chunk;
        EXPECT_EQ(unpacked(bytes + std::string(1000, '\0'), chunk), all + more) << "padding";
        EXPECT_EQ(unpacked(packed(""), chunk), "");
    }
}

TEST(InputUnpacker, DamageAndCuts) {
    std::string bytes = packed(text);
    for (std::size_t size = 2; size < bytes.size(); ++size)
        for (std::size_t chunk : {std::size_t{1}, SIZE_MAX})
            EXPECT_EQ(unpacked(bytes.substr(0, size), chunk), cut) << size;
    std::string two = bytes + bytes;
    for (std::size_t size = bytes.size() + 1; size < two.size(); ++size)
        EXPECT_EQ(unpacked(two.substr(0, size)), cut) << size;
    for (std::size_t at = bytes.size() - 8; at < bytes.size(); ++at) {
        std::string wrong = bytes;
        wrong[at] = static_cast<char>(wrong[at] ^ 1);
        EXPECT_EQ(unpacked(wrong), damaged) << "checksum or length, at " << at;
        EXPECT_EQ(unpacked(wrong, 1), damaged);
    }
    EXPECT_EQ(unpacked(bytes + "xx"), damaged);
    EXPECT_EQ(unpacked(bytes + "x"), cut);
    EXPECT_EQ(unpacked(bytes + "\0x"s), damaged);
    EXPECT_EQ(unpacked(bytes + "\0"s + bytes), damaged);
    EXPECT_EQ(unpacked("\x1F\x8B\x07xxxxxxxxxxxxxxxx"), damaged) << "another method";
    EXPECT_EQ(unpacked("\x1F\x8B"), cut);
}

TEST(InputUnpacker, ABombComesInSmallBlocks) {
    std::string bytes = packed(std::string(64 << 20, '\0'), 9);
    EXPECT_LT(bytes.size(), 70000u);
    std::uint64_t size = 0;
    std::size_t largest = 0;
    Unpacker unpacker;
    auto take = [&](std::string_view block) {
        size += block.size();
        largest = std::max(largest, block.size());
    };
    unpacker.feed(bytes, take);
    unpacker.finish(take);
    EXPECT_EQ(size, 64u << 20);
    EXPECT_LE(largest, Unpacker::block_bytes);
}

TEST(InputUnpacker, AHead) {
    std::string bytes = packed(text);
    EXPECT_EQ(unpack_head(bytes, 1000), text);
    EXPECT_EQ(unpack_head(bytes, 5), text.substr(0, 5));
    EXPECT_EQ(unpack_head(text, 5), text.substr(0, 5));
    EXPECT_TRUE(text.starts_with(unpack_head(bytes.substr(0, bytes.size() - 9), 1000)));
    EXPECT_EQ(unpack_head("\x1F\x8Bxxx", 1000), "");
}

}  // namespace
}  // namespace recon::test
