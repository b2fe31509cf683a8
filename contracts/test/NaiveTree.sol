// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The definitions of RFC 6962, section 2.1, as they read, and RFC 9162's two verifications likewise: slow, and sharing
/// no line with `Rfc6962`.
library NaiveTree {
    /// @dev Leaf `i` of the endless tree is of its own if `distinct`, else the same as all others but the one at `marked`:
    /// such a tree may have 2^64 - 1 leaves, because subtrees without the marked one depend on their size alone.
    struct Tree {
        bytes32 seed;
        bool distinct;
        uint256 marked;
    }

    function leaf(Tree memory tree, uint256 index) internal pure returns (bytes32) {
        uint256 own = tree.distinct || index == tree.marked ? index + 1 : 0;
        return sha256(abi.encodePacked(hex"00", tree.seed, own));
    }

    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"01", left, right));
    }

    /// @dev MTH(D[0:size])
    function root(Tree memory tree, uint256 size) internal pure returns (bytes32) {
        return range(tree, 0, size);
    }

    /// @dev MTH(D[from:to])
    function range(Tree memory tree, uint256 from, uint256 to) internal pure returns (bytes32) {
        if (to - from == 1) return leaf(tree, from);
        if (!tree.distinct && (tree.marked < from || tree.marked >= to)) return uniform(tree, to - from);
        uint256 middle = from + split(to - from);
        return node(range(tree, from, middle), range(tree, middle, to));
    }

    /// @dev The root over `size` leaves that are all alike.
    function uniform(Tree memory tree, uint256 size) private pure returns (bytes32) {
        if (size == 1) return sha256(abi.encodePacked(hex"00", tree.seed, uint256(0)));
        uint256 k = split(size);
        bytes32 left = uniform(tree, k);
        return node(left, 2 * k == size ? left : uniform(tree, size - k));
    }

    /// @dev PATH(index, D[from:to])
    function path(Tree memory tree, uint256 index, uint256 from, uint256 to)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (to - from == 1) return new bytes32[](0);
        uint256 middle = from + split(to - from);
        return index < middle
            ? append(path(tree, index, from, middle), range(tree, middle, to))
            : append(path(tree, index, middle, to), range(tree, from, middle));
    }

    /// @dev PROOF(m, D[0:n])
    function proof(Tree memory tree, uint256 m, uint256 n) internal pure returns (bytes32[] memory) {
        return subproof(tree, m, 0, n, true);
    }

    /// @dev SUBPROOF(m - from, D[from:to], known)
    function subproof(Tree memory tree, uint256 m, uint256 from, uint256 to, bool known)
        private
        pure
        returns (bytes32[] memory)
    {
        if (m == to) return known ? new bytes32[](0) : append(new bytes32[](0), range(tree, from, to));
        uint256 middle = from + split(to - from);
        return m <= middle
            ? append(subproof(tree, m, from, middle, known), range(tree, middle, to))
            : append(subproof(tree, m, middle, to, false), range(tree, from, middle));
    }

    /// @dev The largest power of two below `size`.
    function split(uint256 size) internal pure returns (uint256 k) {
        for (k = 1; 2 * k < size;) k *= 2;
    }

    function append(bytes32[] memory hashes, bytes32 hash) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](hashes.length + 1);
        for (uint256 i = 0; i < hashes.length; i++) longer[i] = hashes[i];
        longer[hashes.length] = hash;
    }

    /// @dev RFC 9162, section 2.1.4.2, step by step.
    function consistent(uint256 m, bytes32 oldRoot, uint256 n, bytes32 newRoot, bytes32[] memory hashes)
        internal
        pure
        returns (bool)
    {
        if (m == 0 || m >= n) return false;
        if (hashes.length == 0) return false; // 1.
        if (m & (m - 1) == 0) hashes = prepend(oldRoot, hashes); // 2.
        (uint256 fn, uint256 sn) = (m - 1, n - 1); // 3.
        while (fn & 1 == 1) (fn, sn) = (fn >> 1, sn >> 1); // 4.
        (bytes32 fr, bytes32 sr) = (hashes[0], hashes[0]); // 5.
        for (uint256 i = 1; i < hashes.length; i++) {
            bytes32 c = hashes[i]; // 6.
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                fr = node(c, fr);
                sr = node(c, sr);
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                sr = node(sr, c);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        return fr == oldRoot && sr == newRoot && sn == 0; // 7.
    }

    /// @dev RFC 9162, section 2.1.3.2, step by step.
    function included(bytes32 hash, uint256 index, uint256 size, bytes32 treeRoot, bytes32[] memory hashes)
        internal
        pure
        returns (bool)
    {
        if (index >= size) return false; // 1.
        (uint256 fn, uint256 sn) = (index, size - 1); // 2.
        bytes32 r = hash; // 3.
        for (uint256 i = 0; i < hashes.length; i++) {
            bytes32 p = hashes[i]; // 4.
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                r = node(p, r);
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                r = node(r, p);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        return sn == 0 && r == treeRoot; // 5.
    }

    function prepend(bytes32 hash, bytes32[] memory hashes) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](hashes.length + 1);
        longer[0] = hash;
        for (uint256 i = 0; i < hashes.length; i++) longer[i + 1] = hashes[i];
    }
}
