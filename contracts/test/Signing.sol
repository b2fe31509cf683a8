// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LogAnchor} from "../LogAnchor.sol";
import {vm} from "./Vm.sol";

struct SignedCheckpoint {
    uint64 size;
    bytes32 root;
    bytes32 r;
    bytes32 vs;
}

/// @dev EIP-712 as its text defines it, with none of the contract's assembly.
library Signing {
    function digest(LogAnchor anchors, bytes32 originHash, uint64 size, bytes32 root)
        internal
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("LogAnchor"),
                keccak256("1"),
                block.chainid,
                address(anchors)
            )
        );
        bytes32 checkpoint = keccak256(
            abi.encode(keccak256("Checkpoint(string origin,uint64 size,bytes32 root)"), originHash, size, root)
        );
        return keccak256(abi.encodePacked(bytes2(0x1901), domain, checkpoint));
    }

    function signHash(LogAnchor anchors, uint256 key, bytes32 originHash, uint64 size, bytes32 root)
        internal
        view
        returns (SignedCheckpoint memory)
    {
        (bytes32 r, bytes32 vs) = vm.signCompact(key, digest(anchors, originHash, size, root));
        return SignedCheckpoint(size, root, r, vs);
    }
}
